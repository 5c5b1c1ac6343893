package allreduce

import (
	"crypto/tls"
	"net"
	"sync"
)

const (
	// burstSize is how many bytes of TLS records are gathered before they are
	// handed to the system in one call. A record holds 16 KiB at most, and
	// crypto/tls writes each by itself.
	burstSize = 128 << 10
)

// burstConn lies beneath TLS and trades many small writes of the system
// for a few large ones.
type burstConn struct {
	net.Conn
	mu      sync.Mutex
	out     []byte
	holding bool // until flush
}

func newBurst(conn net.Conn) *burstConn {
	return &burstConn{Conn: conn}
}

// Write keeps b while records are held back, and writes it otherwise: an alert
// or an answer of the handshake goes at once.
func (c *burstConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holding {
		return c.Conn.Write(b)
	}
	c.out = append(c.out, b...)
	if len(c.out) < burstSize {
		return len(b), nil
	}
	return len(b), c.empty()
}

// hold keeps what is written until flush.
func (c *burstConn) hold() {
	c.mu.Lock()
	c.holding = true
	c.mu.Unlock()
}

func (c *burstConn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = false
	return c.empty()
}

func (c *burstConn) empty() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.out)
	c.out = c.out[:0]
	return err
}

// burstListener puts burstConns beneath the TLS of a listener.
type burstListener struct {
	net.Listener
	config *tls.Config
}

func (l burstListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(newBurst(conn), l.config), nil
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
