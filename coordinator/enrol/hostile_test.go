package enrol

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

type (
	ctx  = context.Context
	conn = net.Conn
)

// talk opens a channel to a port, as whoever has no certificate.
func (p *port) talk(t *testing.T) (*lines, tls.ConnectionState) {
	t.Helper()
	raw, _ := p.dial(t.Context(), "tcp", "")
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{Protocol}})
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	return linesOf(c), c.ConnectionState()
}

// A man in the middle, with a certificate of his own and a channel to each side, passes on all that both say.
func TestManInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, his := newPort(t, time.Hour), newPort(t, time.Hour)
		for _, hash := range []string{"", p.server.Authority.Hash()} {
			passed := 0
			m := p.member(p.issue(hash, token.Worker, 0))
			m.Dial = func(ctx, string, string) (conn, error) {
				there, here := net.Pipe()
				go func() {
					victim := tls.Server(there, joiningOf(t, his))
					defer victim.Close()
					if victim.Handshake() != nil {
						return
					}
					l, _ := p.talk(t)
					from := linesOf(victim)
					for {
						line, err := from.in.ReadSlice('\n')
						if err != nil {
							return
						}
						passed++
						if _, err := l.out.Write(line); err != nil {
							return
						}
						reply, err := l.in.ReadSlice('\n')
						if err != nil {
							return
						}
						if _, err := victim.Write(reply); err != nil {
							return
						}
					}
				}()
				return here, nil
			}
			_, err := m.Join(t.Context())
			_, secret := errors.AsType[*SecretError](err)
			_, authority := errors.AsType[*AuthorityError](err)
			if hash == "" && (!secret || passed != 1) || hash != "" && (!authority || passed != 0) {
				t.Errorf("pinned %v: he passed on %d lines, and the worker says %v", hash != "", passed, err)
			}
		}
	})
}

func joiningOf(t *testing.T, p *port) *tls.Config {
	t.Helper()
	config, err := p.config.GetConfigForClient(&tls.ClientHelloInfo{SupportedProtos: []string{Protocol}})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// What one connection said is worth nothing in another, nor is the coordinator's own proof sent back to it.
func TestReplayedProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		tok := p.issue("", token.Worker, 0)
		l, s := p.talk(t)
		h := hello{Token: tok.ID, Nonce: newNonce(), Name: "worker-0"}
		var a answer
		if err := ask("", l, h, &a, &a.refusal); err != nil {
			t.Fatal(err)
		}
		req, err := identity.NewRequest()
		if err != nil {
			t.Fatal(err)
		}
		r := request{Request: req.DER}
		if r.Proof, err = prove(tok.Key(), byWorker, s, h.Nonce, a.Nonce, a.Authority, r.Request, []byte(h.Name)); err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(answer) request{
			"replayed":       func(answer) request { return r },
			"reflected":      func(a answer) request { return request{Proof: a.Proof, Request: r.Request} },
			"none":           func(answer) request { return request{Request: r.Request} },
			"of another key": func(answer) request { return request{Proof: r.Proof, Request: nil} },
		} {
			other, _ := p.talk(t)
			var a answer
			if err := ask("", other, h, &a, &a.refusal); err != nil {
				t.Fatal(err)
			}
			var g grant
			err := ask("", other, change(a), &g, &g.refusal)
			if err == nil || !strings.Contains(err.Error(), "the secret of token "+tok.ID+" is another") || len(g.Certificate) > 0 {
				t.Errorf("%s: %v", what, err)
			}
		}
		var g grant // where it belongs it counts
		if err := ask("", l, r, &g, &g.refusal); err != nil || len(g.Certificate) == 0 {
			t.Errorf("in its own connection: %v", err)
		}
	})
}

// Whoever shows no certificate cannot renew one, and whoever shows one can, though not to be another.
func TestRenewWithoutCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		req, err := identity.NewRequest()
		if err != nil {
			t.Fatal(err)
		}
		l, _ := p.talk(t)
		var g grant
		if err := ask("", l, hello{Renew: req.DER}, &g, &g.refusal); err == nil || !strings.Contains(err.Error(), "whoever shows it") {
			t.Errorf("got %v", err)
		}
	})
}

// A connection that asked for this protocol, and one that asked for both, never come to the service behind the port.
func TestServiceIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		for _, protocols := range [][]string{{"h2"}, {"h2", Protocol}, {Protocol, "h2"}, {}} {
			raw, _ := p.dial(t.Context(), "tcp", "")
			c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: protocols})
			buf := make([]byte, 16)
			if err := c.Handshake(); err == nil {
				_, _ = c.Write([]byte("{}\n"))
			}
			n, _ := io.ReadFull(c, buf)
			if strings.Contains(string(buf[:n]), "welcome") {
				t.Errorf("protocols %q: without a certificate it is welcome", protocols)
			}
			_ = c.Close()
		}
		p.served.Wait()
	})
}

func TestGuesses(t *testing.T) {
	var g guesses
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range guessesAtOnce {
		if w := g.wait("a", now); w > 0 {
			t.Fatalf("after %d guesses: wait %v", i, w)
		}
		g.wrong("a", now)
	}
	if w := g.wait("a", now); w != guessEvery {
		t.Errorf("after %d guesses: wait %v, want %v", guessesAtOnce, w, guessEvery)
	}
	if g.wait("b", now) != 0 || g.wait("a", now.Add(guessEvery)) != 0 {
		t.Error("others wait, too, or for too long")
	}
	for i := range 3 * guessers {
		g.wrong(time.Duration(i).String(), now)
	}
	if len(g.free) > guessers {
		t.Errorf("%d addresses are remembered", len(g.free))
	}
}

// scripted is the other end of a connection that says what it was given, and listens to nothing.
type scripted struct {
	net.Conn
	says io.Reader
}

func (s scripted) Read(b []byte) (int, error)  { return s.says.Read(b) }
func (s scripted) Write(b []byte) (int, error) { return len(b), nil }
func (s scripted) Close() error                { return nil }
func (s scripted) RemoteAddr() net.Addr        { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)} }

// channel is the state of an established connection.
func channel(f *testing.F, p *port) tls.ConnectionState {
	there, here := net.Pipe()
	go func() {
		_ = tls.Server(there, p.config).Handshake()
	}()
	c := tls.Client(here, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{Protocol}})
	if err := c.Handshake(); err != nil {
		f.Fatal(err)
	}
	return c.ConnectionState()
}

// FuzzServe has the coordinator hear anything: it answers with an error.
func FuzzServe(f *testing.F) {
	t := &testing.T{}
	p := newPort(t, time.Hour)
	tok := p.issue("", token.Worker, 0)
	state := channel(f, p)
	text := func(m any) []byte {
		b, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return append(b, '\n')
	}
	f.Add(append(text(hello{Token: tok.ID, Nonce: newNonce(), Name: "w"}), text(request{Proof: newNonce(), Request: newNonce()})...))
	f.Add(text(hello{Renew: newNonce()}))
	f.Add([]byte("{}\n"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add(bytes.Repeat([]byte("x"), maxLine+1))
	f.Fuzz(func(t *testing.T, heard []byte) {
		p.server.guesses = guesses{}
		if err := p.server.Serve(t.Context(), scripted{says: bytes.NewReader(heard)}, state); err == nil {
			t.Error("a certificate for somebody who knows no secret")
		}
	})
}

// FuzzJoin has a worker hear anything: it answers with an error.
func FuzzJoin(f *testing.F) {
	t := &testing.T{}
	p := newPort(t, time.Hour)
	state := channel(f, p)
	for _, m := range []any{answer{Nonce: newNonce(), Authority: p.server.Authority.PEM(), Proof: newNonce()}, grant{refusal: refusal{"no", true}}} {
		b, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(b, '\n'))
	}
	f.Add([]byte("\n"))
	tok := p.issue("", token.Worker, 0)
	f.Fuzz(func(t *testing.T, heard []byte) {
		if _, err := (prover{"c:1", tok, "w", time.Now}).talk(linesOf(scripted{says: bytes.NewReader(heard)}), state); err == nil {
			t.Error("a coordinator that knows no secret is believed")
		}
	})
}

// A worker of the cluster, which may well know the secret, does not pass for a coordinator.
func TestWorkerAsCoordinator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		worker, err := p.server.Authority.Own("worker-9", time.Hour, time.Now, identity.WorkerRole)
		if err != nil {
			t.Fatal(err)
		}
		p.config = Offer(worker)
		for _, hash := range []string{"", p.server.Authority.Hash()} {
			if _, err := withToken(t.Context(), p.dial, "c:1", p.issue(hash, token.Worker, 0), "worker-0", time.Now); err == nil ||
				!strings.Contains(err.Error(), identity.CoordinatorRole) {
				t.Errorf("pinned %v: %v", hash != "", err)
			}
		}
		p.served.Wait()
	})
}

// Nobody renews a coordinator's certificate but the coordinator.
func TestRenewCoordinator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		own, err := p.server.Authority.Own("coordinator-1", time.Hour, time.Now, identity.CoordinatorRole)
		if err != nil {
			t.Fatal(err)
		}
		m := Member{Addresses: []string{"c:1"}, Dial: p.dial, Lookup: known, Now: time.Now, creds: own}
		if _, err := m.byCertificate(t.Context()); err == nil || !strings.Contains(err.Error(), "coordinators make their certificates themselves") {
			t.Error(err)
		}
		p.served.Wait()
	})
}

// Where the record does not answer a worker is told to come again, and the coordinator alone says what is wrong there.
func TestTokensCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		p.server.Find = func(context.Context, string) (token.Record, error) {
			return token.Record{}, errors.New("etcd 10.1.2.3:2379 does not answer")
		}
		_, err := withToken(t.Context(), p.dial, "c:1", token.New(""), "worker-0", time.Now)
		if no, ok := errors.AsType[*RefusedError](err); !ok || !no.Later || strings.Contains(no.Reason, "10.1.2.3") {
			t.Errorf("the worker hears %v", err)
		}
		if said := p.said(); !strings.Contains(said[0].Error(), "10.1.2.3") {
			t.Errorf("the coordinator says %v", said[0])
		}
	})
}
