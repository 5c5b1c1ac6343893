package coordinator

import (
	"net"
	"sync"
	"time"
)

// stopPatience is how long connections may take to end by themselves when the
// service stops.
const stopPatience = 500 * time.Millisecond

// connsListener knows the connections that it accepted. The gRPC server, when
// it stops, would wait for one that says nothing until its greeting is overdue:
// any stranger could hold a coordinator up.
type connsListener struct {
	net.Listener

	mu    sync.Mutex
	conns map[*knownConn]bool
}

func knowConns(l net.Listener) *connsListener {
	return &connsListener{Listener: l, conns: map[*knownConn]bool{}}
}

func (l *connsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	known := &knownConn{conn, l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[known] = true
	return known, nil
}

// closeAll closes the connections that are still open.
func (l *connsListener) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Conn.Close()
	}
	clear(l.conns)
}

type knownConn struct {
	net.Conn
	of *connsListener
}

func (c *knownConn) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
