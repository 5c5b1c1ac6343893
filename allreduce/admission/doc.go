// Package admission bounds what a port spends on peers that have not yet proven
// who they are: how many of their connections are held, how many bytes of each
// are read, and for how long.
//
// Accepting goes on whatever strangers do. A [Gate] that is full closes one
// connection for each that comes: of the address that holds the most, the oldest
// that has said nothing, or else the oldest. So neither many silent connections
// nor a flood from one address keeps others out, and a peer that goes straight
// through its handshake is the last to be closed.
//
// A connection that is refused leaves a line in the log, with the peer's
// address, the reason and what to do. A flood leaves a few lines and a count.
package admission
