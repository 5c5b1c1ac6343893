package allreduce

// Link is one connection with a neighbour. Frames arrive whole and unchanged,
// or an error does. The group uses one link to send to the next worker and
// another to receive from the worker before.
//
// One goroutine may call Send and another Recv at the same time. Send may block
// until the neighbour receives; Recv blocks until a frame arrives. Close makes
// both return an error at once, in this process and in the neighbour's, though
// frames that were sent before are received first. After an error a link is of
// no further use.
type Link interface {
	// Send sends a frame. The payload is the caller's again once Send returns,
	// with arbitrary contents: a big-endian machine turns its numbers in place.
	Send(*Frame) error
	// Recv overwrites the frame with the next one. The payload is the caller's
	// until it calls Release.
	Recv(*Frame) error
	Close() error
	// Peer names the neighbour in errors and logs.
	Peer() string
}

// lender is a link that may have room for a payload where the neighbour reads it
// in place. The frame holds no more than the payload. One goroutine calls it at a
// time, and what it lent is sent in that order.
type lender interface {
	lend(bytes int) (Frame, bool)
}

// summing is a link whose payloads carry a CRC-32C.
type summing interface {
	// sums says whether it is so.
	sums() bool
	// leaveChecks leaves it to the receiver of partials and sums in float32 to
	// compare, as it reads all bytes anyway.
	leaveChecks()
}

// counting is a link that tells how many bytes have come, those of a frame that is
// not whole yet too.
type counting interface{ came() int64 }

// trier is a link that can send without waiting.
type trier interface {
	// trySend sends a frame as far as that goes at once, and says whether that
	// was all. If not, that frame must be the next that Send gets.
	trySend(*Frame) bool
}
