package admission

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Conn is a connection whose peer has not proven who it is. Reading from it is
// bounded until Proven is called; everything else is the connection's own.
type Conn struct {
	net.Conn
	gate   *Gate
	group  string
	timer  *time.Timer
	proven atomic.Bool
	left   atomic.Int64 // bytes that may still be read
	heard  atomic.Bool  // anything at all
	reason atomic.Pointer[error]
}

// Proven lifts the bounds: the peer has shown a certificate that we accept.
func (c *Conn) Proven() {
	if c.gate.forget(c) {
		c.proven.Store(true)
	}
}

// Close closes the connection.
func (c *Conn) Close() error {
	c.gate.forget(c)
	return c.Conn.Close()
}

// Refuse closes the connection and logs why. A peer that has said nothing and
// hung up, as a probe of the port does, is mentioned at debug only.
func (c *Conn) Refuse(err error) {
	_ = c.Close() // it is of no more use
	quiet := c.silent() && errors.Is(err, io.EOF)
	peer := c.RemoteAddr()
	if peer.Network() == "unix" { // where it has no name
		peer = c.LocalAddr()
	}
	c.gate.lines.refused(quiet, peer.String(), err)
}

// Read reads no more than the gate allows. Once the gate has closed the
// connection, the error says why.
func (c *Conn) Read(b []byte) (int, error) {
	if c.proven.Load() {
		return c.Conn.Read(b)
	}
	if most := c.gate.limits.Bytes; most > 0 {
		left := c.left.Load()
		if left <= 0 {
			c.cut(fmt.Errorf("it sent %d bytes and has not proven who it is", most))
		}
		b = b[:min(int64(len(b)), max(left, 1))]
	}
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.heard.Store(true)
		c.left.Add(-int64(n))
	}
	if reason := c.reason.Load(); reason != nil && err != nil {
		err = *reason
	}
	return n, err
}

func (c *Conn) silent() bool { return !c.heard.Load() }

// cut closes the connection for a reason that its reader will see.
func (c *Conn) cut(reason error) {
	if c.gate.forget(c) {
		c.reason.CompareAndSwap(nil, &reason)
		_ = c.Conn.Close() // it is of no more use
	}
}
