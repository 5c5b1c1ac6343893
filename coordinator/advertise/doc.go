// Package advertise finds the address by which others reach a port of this
// process.
//
// A port may listen on all addresses of its host (":9001", "0.0.0.0:9001"), on
// the loopback, or on a name that means the loopback on its own host (as
// "127.0.1.1 node" in /etc/hosts). None of these means the port on another host:
// a peer that dialled it would reach itself. So a port that listens everywhere
// advertises the address from which this host sends to a peer that all know, the
// coordinator; and one that only its own host can reach is refused when that
// peer is elsewhere, with the name of the flag that settles it.
package advertise
