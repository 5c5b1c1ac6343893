package enrol

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// port is a coordinator's port: those who join by token are served, others are greeted.
type port struct {
	t      *testing.T
	server *Server
	config *tls.Config
	tokens map[string]token.Record
	log    syncBuffer

	mu     sync.Mutex
	errors []error // of those who joined, or did not
	served sync.WaitGroup
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newPort makes a coordinator with an authority of its own, whose certificates live for so long.
func newPort(t *testing.T, life time.Duration) *port {
	t.Helper()
	authority, err := identity.NewLastingAuthority(100 * 24 * time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	own, err := authority.Own("coordinator-0", 24*time.Hour, time.Now, identity.CoordinatorRole)
	if err != nil {
		t.Fatal(err)
	}
	p := &port{t: t, config: Offer(own), tokens: map[string]token.Record{}}
	p.config.NextProtos = []string{"h2"}
	p.server = &Server{Authority: authority, Life: life, Now: time.Now, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
		Find: func(_ context.Context, id string) (token.Record, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			r, ok := p.tokens[id]
			if !ok {
				return r, ErrUnknown
			}
			return r, nil
		}}
	return p
}

// issue makes a token that the port knows.
func (p *port) issue(hash string, role token.Role, life time.Duration) token.Token {
	t := token.New(hash)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens[t.ID] = token.RecordOf(t, role, time.Now(), life, "")
	return t
}

// dial connects to the port through a pipe.
func (p *port) dial(context.Context, string, string) (net.Conn, error) {
	there, here := net.Pipe()
	p.served.Go(func() {
		_ = there.SetDeadline(time.Now().Add(10 * time.Second))
		conn := tls.Server(there, p.config)
		err := conn.Handshake()
		switch {
		case err != nil:
			_ = conn.Close()
		case conn.ConnectionState().NegotiatedProtocol == Protocol:
			err = p.server.Serve(context.Background(), conn, conn.ConnectionState())
		default:
			_, err = conn.Write([]byte("welcome"))
			_ = conn.Close()
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.errors = append(p.errors, err)
	})
	return here, nil
}

// said are the errors of connections so far.
func (p *port) said() []error {
	p.served.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.errors
}

// member is a worker that joins by a token.
func (p *port) member(t token.Token) *Member {
	return &Member{Addresses: []string{"coordinator:8781"}, Token: func() (token.Token, error) { return t, nil }, Name: "worker-0",
		Log: slog.New(slog.NewTextHandler(&p.log, nil)), Dial: p.dial, Lookup: known}
}

// known is a name server that knows every name.
func known(context.Context, string) ([]string, error) { return []string{"10.0.0.7"}, nil }

// greeted says whether the port takes the credentials as those of a peer.
func (p *port) greeted(creds *identity.Credentials) (string, error) {
	config := creds.Client(identity.MayCoordinate)
	config.NextProtos = []string{"h2"}
	raw, _ := p.dial(context.Background(), "tcp", "")
	conn := tls.Client(raw, config)
	defer conn.Close()
	buf := make([]byte, 7)
	if _, err := conn.Read(buf); err != nil {
		return "", err
	}
	return string(buf), nil
}

// keep has a member keep its certificate, until stop is called.
func keep(t *testing.T, m *Member) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.Keep(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}
