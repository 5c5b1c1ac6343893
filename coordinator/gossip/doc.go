// Package gossip spreads the news of who takes part in a run, where, and which
// coordinator leads, over hashicorp/memberlist.
//
// It is discovery and hints, never a judge: on a machine whose cores are all
// busy training, a failure detector by timeouts takes live processes for dead
// ones. Links and streams decide who is lost (docs/architecture.md).
//
// Everything is encrypted with a key of 32 bytes that the leading coordinator has
// made and hands, over TLS, to workers that it has admitted and to coordinators
// that stand by. Streams are mutual TLS besides, so that nothing of a stranger's is
// read; datagrams have the key alone.
package gossip
