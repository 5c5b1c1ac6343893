package allreduce

import (
	"crypto/tls"
	"net"
	"sync"
)

const (
	// burstSize is how many bytes of TLS records are gathered before they are
	// handed to the system in one call: more than a segment's frame has. A record
	// holds 16 KiB at most, and crypto/tls writes each by itself.
	burstSize = 256 << 10
	// aheadSize is how many bytes of records are read in one call besides the one
	// that is asked for. crypto/tls asks for each by itself.
	aheadSize = 64 << 10
)

// burstConn lies beneath TLS and trades many small calls of the system for a few
// large ones.
type burstConn struct {
	net.Conn
	socket *socket // of the connection, or nil

	mu      sync.Mutex
	out     []byte // out[first:] is not written yet
	first   int
	holding holding

	ahead  []byte // ahead[lo:hi] was read and not given to TLS yet
	lo, hi int
}

// holding says what becomes of records that are written.
type holding uint8

const (
	writeThrough holding = iota // an alert or an answer of the handshake goes at once
	holdBursts                  // until there are many, and flush
	holdAll                     // until flush, but for what the system takes without waiting
)

func newBurst(conn net.Conn) *burstConn {
	return &burstConn{Conn: conn, socket: socketOf(conn)}
}

// onto moves to the connection that lies beneath the one from before. Nobody
// else uses it in the meantime.
func (c *burstConn) onto(conn net.Conn) { c.Conn, c.socket = conn, socketOf(conn) }

// Read gives TLS what came. One goroutine reads, the handshake's or the link's.
func (c *burstConn) Read(b []byte) (int, error) {
	switch {
	case c.lo < c.hi || len(b) == 0:
		n := copy(b, c.ahead[c.lo:c.hi])
		c.lo += n
		return n, nil
	case c.socket == nil:
		return c.Conn.Read(b)
	case c.ahead == nil:
		c.ahead = make([]byte, aheadSize)
	}
	n, err := c.socket.read(b, c.ahead)
	c.lo, c.hi = 0, max(0, n-len(b))
	return min(n, len(b)), err
}

func (c *burstConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holding == writeThrough && len(c.out) == 0 {
		return c.Conn.Write(b)
	}
	c.out = append(c.out, b...)
	if len(c.out)-c.first < burstSize {
		return len(b), nil
	}
	if c.holding == holdAll {
		return len(b), c.try()
	}
	return len(b), c.empty()
}

// hold keeps what is written until flush or tryFlush.
func (c *burstConn) hold(how holding) {
	c.mu.Lock()
	c.holding = how
	c.mu.Unlock()
}

// flush writes what was kept.
func (c *burstConn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = writeThrough
	return c.empty()
}

// tryFlush writes what the system takes of it without waiting. What is left over
// goes before anything else.
func (c *burstConn) tryFlush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = writeThrough
	return c.try()
}

func (c *burstConn) unfinished() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out) > 0
}

func (c *burstConn) empty() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.out[c.first:])
	c.out, c.first = c.out[:0], 0
	return err
}

func (c *burstConn) try() error {
	n, err := c.socket.write(c.out[c.first:], nil)
	if c.first += n; c.first == len(c.out) {
		c.out, c.first = c.out[:0], 0
	}
	return err
}

// burstOf is the burstConn beneath a TLS connection, or nil.
func burstOf(conn net.Conn) *burstConn {
	if t, ok := conn.(*tls.Conn); ok {
		if c, ok := t.NetConn().(*burstConn); ok {
			return c
		}
	}
	return nil
}
