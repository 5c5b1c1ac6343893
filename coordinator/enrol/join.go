package enrol

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// patience is how long a coordinator may take for all of it, its name included.
const patience = 15 * time.Second

// connectPatience is how long one address may be silent. The system knocks at ever longer intervals, so one that answers
// at last is found sooner by another try.
const connectPatience = 2 * time.Second

// AuthorityError says that a coordinator has another authority than the token says.
type AuthorityError struct {
	Addr, Token string
	Want, Have  string // hashes; Have is empty when it shows no authority
}

func (e *AuthorityError) Error() string {
	have := "shows no authority"
	if e.Have != "" {
		have = "has the authority " + e.Have
	}
	return fmt.Sprintf("coordinator %s %s, and token %s is for the authority %s: nothing was said to it. Is this the coordinator of that cluster? "+
		"Where its record was lost and begun anew, make a new token", e.Addr, have, e.Token, e.Want)
}

// SecretError says that whoever answers does not know the token's secret.
type SecretError struct{ Addr, Token string }

func (e *SecretError) Error() string {
	return fmt.Sprintf("coordinator %s does not prove the secret of token %s: the secret in the token's file is wrong, or this is another's coordinator", e.Addr, e.Token)
}

// RefusedError is a coordinator's no.
type RefusedError struct {
	Addr, Reason string
	Later        bool // the reason passes
}

func (e *RefusedError) Error() string { return fmt.Sprintf("coordinator %s: %s", e.Addr, e.Reason) }

// dialer makes a connection, as net.Dialer does.
type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// connect makes a connection to the first address of a name that takes one.
func (m *Member) connect(ctx context.Context, network, addr string) (conn net.Conn, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	ips, err := m.Lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		bounded, done := context.WithTimeout(ctx, connectPatience)
		conn, err = m.Dial(bounded, network, net.JoinHostPort(ip, port))
		done()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return conn, err
}

// exchange opens a connection and lets talk say what is to be said.
func exchange(ctx context.Context, dial dialer, addr string, config *tls.Config, talk func(*lines, tls.ConnectionState) (*identity.Grant, error)) (*identity.Grant, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	raw, err := dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer raw.Close() // without a farewell: each line is answered, and who is refused has nothing to say
	conn := tls.Client(raw, config)
	defer context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, explain(addr, err)
	}
	g, err := talk(linesOf(conn), conn.ConnectionState())
	if ctx.Err() != nil && err != nil {
		err = fmt.Errorf("coordinator %s: %w", addr, context.Cause(ctx))
	}
	return g, err
}

// explain says what a handshake that failed means.
func explain(addr string, err error) error {
	// Package tls keeps the type of a peer's alert to itself, and wraps an AlertError over QUIC alone: the words are the same.
	const noApplicationProtocol tls.AlertError = 120 // RFC 7301
	if remote, ok := errors.AsType[*net.OpError](err); ok && remote.Op == "remote error" && remote.Err.Error() == noApplicationProtocol.Error() {
		return &RefusedError{Addr: addr, Reason: "it takes no tokens: it was started with certificates of its own (--tls-cert), so give this process some, too"}
	}
	return err
}

// withToken joins one coordinator.
func withToken(ctx context.Context, dial dialer, addr string, t token.Token, name string, now func() time.Time) (*identity.Grant, error) {
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{Protocol}, ServerName: identity.Role, Time: now,
		InsecureSkipVerify: true, // no authority is known yet: its hash or the secret shows it
		VerifyConnection: func(s tls.ConnectionState) error {
			if t.Hash == "" {
				return nil // the proof will tell
			}
			authority := find(s.PeerCertificates, t.Hash)
			if authority == nil {
				return &AuthorityError{addr, t.ID, t.Hash, shown(s.PeerCertificates)}
			}
			return isCoordinator(s, authority, now())
		},
	}
	return exchange(ctx, dial, addr, config, func(l *lines, s tls.ConnectionState) (*identity.Grant, error) {
		return prover{addr, t, name, now}.talk(l, s)
	})
}

// prover is the worker's side of joining.
type prover struct {
	addr string
	t    token.Token
	name string
	now  func() time.Time
}

func (p prover) talk(l *lines, s tls.ConnectionState) (*identity.Grant, error) {
	h := hello{Token: p.t.ID, Nonce: newNonce(), Name: p.name}
	var a answer
	if err := p.ask(l, h, &a, &a.refusal); err != nil {
		return nil, err
	}
	key := p.t.Key()
	if ok, err := proven(a.Proof, key, byCoordinator, s, h.Nonce, a.Nonce, a.Authority); err != nil || !ok || len(a.Nonce) != nonceBytes {
		return nil, errors.Join(err, &SecretError{p.addr, p.t.ID})
	}
	authority, err := p.authority(a.Authority, s)
	if err != nil {
		return nil, err
	}
	req, err := identity.NewRequest()
	if err != nil {
		return nil, err
	}
	r := request{Request: req.DER}
	if r.Proof, err = prove(key, byWorker, s, h.Nonce, a.Nonce, a.Authority, r.Request, []byte(p.name)); err != nil {
		return nil, err
	}
	var g grant
	if err := p.ask(l, r, &g, &g.refusal); err != nil {
		return nil, err
	}
	return req.Take(g.Certificate, authority, p.now())
}

// ask sends a line and receives the next.
func (p prover) ask(l *lines, m, into any, no *refusal) error { return ask(p.addr, l, m, into, no) }

func ask(addr string, l *lines, m, into any, no *refusal) error {
	err := l.send(m)
	if err == nil {
		err = l.receive(into)
	}
	if err != nil {
		return fmt.Errorf("coordinator %s: %w", addr, err)
	}
	if no.Refused != "" {
		return &RefusedError{addr, fmt.Sprintf("%.600s", no.Refused), no.Later}
	}
	return nil
}

// authority is the one that was proven, if the certificate of the connection is by it and a coordinator's.
func (p prover) authority(text []byte, s tls.ConnectionState) ([]byte, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("coordinator %s sends an authority that is no PEM", p.addr)
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("coordinator %s sends an authority that cannot be read: %w", p.addr, err)
	}
	if p.t.Hash != "" && identity.HashOf(authority) != p.t.Hash {
		return nil, &AuthorityError{p.addr, p.t.ID, p.t.Hash, identity.HashOf(authority)}
	}
	if err := isCoordinator(s, authority, p.now()); err != nil {
		return nil, fmt.Errorf("coordinator %s: %w", p.addr, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}), nil
}

// isCoordinator asks whether the other end has a coordinator's certificate by an authority.
func isCoordinator(s tls.ConnectionState, authority *x509.Certificate, now time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: identity.Role, Roots: roots, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	if err != nil {
		return err
	}
	return identity.PeerMay(s, identity.MayCoordinate)
}

// find is the authority of a hash in a chain.
func find(chain []*x509.Certificate, hash string) *x509.Certificate {
	for _, c := range chain {
		if c.IsCA && identity.HashOf(c) == hash {
			return c
		}
	}
	return nil
}

// shown is the hash of the authority in a chain.
func shown(chain []*x509.Certificate) string {
	for _, c := range chain {
		if c.IsCA {
			return identity.HashOf(c)
		}
	}
	return ""
}
