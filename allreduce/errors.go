package allreduce

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrClosed is what calls on a group return after Close.
var ErrClosed = errors.New("allreduce: the group is closed")

// ErrLeft is wrapped by the [PeerError] about a neighbour that closed its group
// in good order while it was still needed.
var ErrLeft = errors.New("left the ring")

// PeerError names the neighbour with whom something went wrong. The group is
// dead after it: the ring is built anew under a new generation, never mended.
type PeerError struct {
	Worker int    // the neighbour's number in the view; −1 before a handshake told it
	Peer   string // the neighbour's name, as its link tells it
	Op     string // read, write, watch, dial, handshake
	Field  string // the field that was wrong, or empty
	Err    error
}

func (e *PeerError) Error() string {
	who := fmt.Sprintf("worker %d (%s)", e.Worker, e.Peer)
	if e.Worker < 0 {
		who = "peer " + e.Peer
	}
	return fmt.Sprintf("%s: %s: %v", who, e.Op, e.Err)
}

func (e *PeerError) Unwrap() error { return e.Err }

// AbortError is wrapped by the [PeerError] about a neighbour that told us why it
// gave the ring up, or handed on what it was told.
type AbortError struct {
	Worker int    // who gave up first
	Reason string // its error
}

func (e *AbortError) Error() string {
	return fmt.Sprintf("worker %d gave up: %s", e.Worker, e.Reason)
}

// FieldError names the field of a message that is wrong.
type FieldError struct {
	Field string
	Text  string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Text }

func fieldError(field, format string, args ...any) error {
	return &FieldError{Field: field, Text: fmt.Sprintf(format, args...)}
}

// peerError wraps err, and lifts the field out of it.
func peerError(worker int, peer, op string, err error) *PeerError {
	e := &PeerError{Worker: worker, Peer: peer, Op: op, Err: err}
	if f := (*FieldError)(nil); errors.As(err, &f) {
		e.Field = f.Field
	}
	return e
}

// maxReason bounds the text of an abort.
const maxReason = 1000

// printable makes a text from outside fit for a line of a log.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s[:min(len(s), maxReason)])
}
