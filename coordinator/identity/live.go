package identity

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// A Grant is what a process shows and trusts for a while: a certificate and the authorities of its peers.
type Grant struct {
	pair        *tls.Certificate
	authorities []*x509.Certificate
	renew       time.Time // when two thirds of its life are over
}

// Take makes of a certificate that was issued for the request, and of the authorities' certificates, all PEM, what its
// process shows and trusts. An error says what is wrong with them at the time.
func (r *Request) Take(cert, authorities []byte, now time.Time) (*Grant, error) {
	chain, err := parseCerts(cert)
	if err != nil {
		return nil, fmt.Errorf("identity: the certificate that was issued: %w", err)
	}
	if !r.key.PublicKey.Equal(chain[0].PublicKey) {
		return nil, errors.New("identity: the certificate that was issued is for another key")
	}
	pair := &tls.Certificate{PrivateKey: r.key, Leaf: chain[0]}
	for _, c := range chain {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	g := &Grant{pair: pair, renew: renewal(now, chain[0].NotAfter)}
	if g.authorities, err = parseCerts(authorities); err != nil {
		return nil, fmt.Errorf("identity: the authority: %w", err)
	}
	return g, nil
}

// renewal is when two thirds of the time that is left are over.
func renewal(now, end time.Time) time.Time { return now.Add(end.Sub(now) * 2 / 3) }

// Renewal is when the certificate is to be renewed, and Expires when it ends.
func (g *Grant) Renewal() time.Time { return g.renew }

// Expires is when the certificate ends.
func (g *Grant) Expires() time.Time { return g.pair.Leaf.NotAfter }

// NewCredentials makes credentials that begin with a grant. They are from a place that errors name.
func NewCredentials(from string, g *Grant, now func() time.Time) (*Credentials, error) {
	c := &Credentials{from: from, live: true, now: now, doubted: make(chan struct{}, 1)}
	return c, c.Replace(g)
}

// Replace puts a grant in the place of the one before. Connections made from now on show and want the new one; those that
// are open stay. A grant that peers would refuse changes nothing.
func (c *Credentials) Replace(g *Grant) error {
	roots := x509.NewCertPool()
	for _, a := range g.authorities {
		roots.AddCert(a)
	}
	chain := []*x509.Certificate{g.pair.Leaf}
	if err := c.acceptable(chain, roots); err != nil {
		return fmt.Errorf("identity: %s: %w", c.from, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current, c.roots = g.pair, roots
	return nil
}

// Own makes credentials of the authority's own process: they renew themselves, when a certificate is asked for after
// two thirds of its life.
func (a *Authority) Own(name string, life time.Duration, now func() time.Time, names ...string) (*Credentials, error) {
	c := &Credentials{from: "the certificate by the authority of the record", live: true, now: now, roots: x509.NewCertPool()}
	c.roots.AddCert(a.cert)
	c.fresh = func() (*tls.Certificate, time.Time, error) { return a.pair(name, now(), life, names) }
	var err error
	c.current, c.due, err = c.fresh()
	if err == nil {
		err = c.acceptable([]*x509.Certificate{c.current.Leaf}, c.roots)
	}
	return c, err
}

// pair issues a certificate with its key. The authority's goes along: who joins compares its hash.
func (a *Authority) pair(name string, now time.Time, life time.Duration, names []string) (*tls.Certificate, time.Time, error) {
	from, to := a.span(now, life)
	cert, key, err := a.issue(name, from, to, append([]string{Role}, names...))
	if err != nil {
		return nil, time.Time{}, err
	}
	pair, err := tls.X509KeyPair(append(cert, a.pem...), key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("identity: %w", err)
	}
	return &pair, renewal(now, to), nil
}

// verifyPeer asks whether the other end's certificate is by one of our authorities, and for an end of its kind. It takes
// the place of the library's own check, which knows only the authorities that a configuration was made with.
func (c *Credentials) verifyPeer(s tls.ConnectionState, usage x509.ExtKeyUsage) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("identity: the peer shows no certificate")
	}
	between := x509.NewCertPool()
	for _, cert := range s.PeerCertificates[1:] {
		between.AddCert(cert)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: Role, Roots: c.authorities(), Intermediates: between,
		CurrentTime: c.now(), KeyUsages: []x509.ExtKeyUsage{usage}})
	if errors.As(err, new(x509.UnknownAuthorityError)) {
		select {
		case c.doubted <- struct{}{}:
		default:
		}
	}
	return err
}

// Doubted receives when a server that was dialled had a certificate of another authority.
func (c *Credentials) Doubted() <-chan struct{} { return c.doubted }

func (c *Credentials) authorities() *x509.CertPool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.roots
}
