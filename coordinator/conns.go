package coordinator

import (
	"errors"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/allreduce/admission"
	"github.com/rondo-ml/rondo/coordinator/enrol"
)

// stopPatience is how long connections may take to end by themselves when the
// service stops.
const stopPatience = 500 * time.Millisecond

// handshakePatience is how long a peer may take for TLS.
const handshakePatience = 10 * time.Second

// maxPages is how many connections to the status page are open at once. It asks
// nobody who they are; of more, the oldest of the address that has most is closed.
const maxPages = 256

// newGate bounds what peers of the gRPC service hold before they have shown a
// certificate. All workers may come at once.
func newGate(cfg *Config) *admission.Gate {
	limits := admission.Limits{Connections: max(256, 2*cfg.Run.Batch.Lanes), Bytes: admission.Handshake, Time: handshakePatience}
	return admission.NewGate("workers join", limits, cfg.Log)
}

// connsListener knows the connections that it accepted. The gRPC server, when
// it stops, would wait for one that says nothing until its greeting is overdue:
// any stranger could hold a coordinator up.
type connsListener struct {
	net.Listener
	gate *admission.Gate

	mu    sync.Mutex
	conns map[*knownConn]bool
}

func knowConns(l net.Listener, gate *admission.Gate) *connsListener {
	return &connsListener{Listener: l, gate: gate, conns: map[*knownConn]bool{}}
}

func (l *connsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	known := &knownConn{l.gate.Admit(conn), l}
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
	*admission.Conn
	of *connsListener
}

func (c *knownConn) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// provingCredentials tells the gate how a handshake ended. It keeps those who join by token from the service.
type provingCredentials struct {
	credentials.TransportCredentials
	join func(net.Conn, credentials.AuthInfo) error
}

func (p provingCredentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := p.TransportCredentials.ServerHandshake(raw)
	if tls, ok := info.(credentials.TLSInfo); err == nil && ok {
		if tls.State.NegotiatedProtocol == enrol.Protocol {
			err = p.join(conn, info)
			if known, ok := raw.(*knownConn); ok && err != nil {
				known.Refuse(err)
			}
			return nil, nil, credentials.ErrConnDispatched
		}
		if len(tls.State.PeerCertificates) == 0 { // no handshake lets one in; this is a second lock
			err = errors.Join(errors.New("it shows no certificate"), conn.Close())
		}
	}
	if known, ok := raw.(*knownConn); ok && err == nil {
		known.Proven()
	} else if ok {
		known.Refuse(err)
	}
	return conn, info, err
}

func (p provingCredentials) Clone() credentials.TransportCredentials {
	return provingCredentials{p.TransportCredentials.Clone(), p.join}
}
