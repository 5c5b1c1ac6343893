package admission

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
)

// Limits are what a port grants to peers that have not proven who they are.
type Limits struct {
	Connections int           // at once, at least 1; more hold more memory and descriptors
	Bytes       int64         // read from each; 0: no bound
	Time        time.Duration // for each, from its arrival on; 0: no bound
}

// Handshake is enough for one side of a TLS handshake with a chain of several
// certificates, and for a greeting behind it.
const Handshake = 64 << 10 // bytes

// Gate holds the connections of a port whose peers have not proven who they are.
// Its methods may be called from any goroutine.
type Gate struct {
	limits Limits
	lines  *lines

	mu       sync.Mutex
	unproven []*Conn // oldest first
}

// NewGate makes a gate. port names the port in the lines that refusals leave in
// log: "ring", "gossip".
func NewGate(port string, limits Limits, log *slog.Logger) *Gate {
	limits.Connections = max(1, limits.Connections)
	return &Gate{limits: limits, lines: &lines{log: log.With("port", port)}}
}

// Admit takes a connection that was just accepted. When the gate is full
// another is closed for it.
func (g *Gate) Admit(conn net.Conn) *Conn {
	c := &Conn{Conn: conn, gate: g, group: GroupOf(conn.RemoteAddr())}
	c.left.Store(g.limits.Bytes)
	g.mu.Lock()
	g.unproven = append(g.unproven, c)
	var victim *Conn
	if len(g.unproven) > g.limits.Connections {
		victim = g.victim()
	}
	if g.limits.Time > 0 {
		c.timer = time.AfterFunc(g.limits.Time, func() {
			c.cut(fmt.Errorf("it has not proven who it is within %v", g.limits.Time))
		})
	}
	g.mu.Unlock()
	if victim != nil {
		victim.cut(fmt.Errorf("it made room for another: %d connections had not proven who they are", g.limits.Connections))
	}
	return c
}

// victim is the connection to close: of the address that holds the most, the
// oldest silent one, or else the oldest.
func (g *Gate) victim() *Conn {
	held, most := map[string]int{}, 0
	for _, c := range g.unproven {
		held[c.group]++
		most = max(most, held[c.group])
	}
	var oldest *Conn
	for _, c := range g.unproven {
		if held[c.group] < most {
			continue
		}
		if c.silent() {
			return c
		}
		if oldest == nil {
			oldest = c
		}
	}
	return oldest
}

// forget takes a connection out of the gate, and says whether it was in it.
func (g *Gate) forget(c *Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.unproven, c)
	if i < 0 {
		return false
	}
	g.unproven = slices.Delete(g.unproven, i, i+1)
	if c.timer != nil {
		c.timer.Stop()
	}
	return true
}

// Listener admits all that inner accepts.
func (g *Gate) Listener(inner net.Listener) net.Listener { return &listener{inner, g} }

type listener struct {
	net.Listener
	gate *Gate
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.gate.Admit(conn), nil
}

// GroupOf is what counts as one address: an IPv4 address, or the network of 64
// bits that one customer is given of IPv6.
func GroupOf(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return ""
	}
	ip := tcp.AddrPort().Addr().Unmap()
	if ip.Is6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
