// Package gossip spreads the news of who takes part in a run, where, and which
// coordinator leads, over hashicorp/memberlist.
//
// It is discovery and hints, never a judge: on a machine whose cores are all
// busy training, a failure detector by timeouts takes live processes for dead
// ones. Links and streams decide who is lost (docs/architecture.md).
//
// Everything is encrypted with a key of 32 bytes that the record holds and that
// the coordinator hands to workers it has admitted, over their TLS stream.
package gossip
