package identity

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// maxFile bounds what is read: a certificate has some kilobytes.
const maxFile = 1 << 20

// Credentials are what a process shows to its peers and trusts in them. They may be used by several
// goroutines.
type Credentials struct {
	paths Paths                                       // of files; none: they come from elsewhere
	from  string                                      // where they come from, for messages
	live  bool                                        // roots change, too
	fresh func() (*tls.Certificate, time.Time, error) // makes a certificate, and says when to make the next; nil: it is replaced from outside
	now   func() time.Time

	doubted chan struct{} // nil: nobody asks

	mu      sync.Mutex
	roots   *x509.CertPool
	current *tls.Certificate
	due     time.Time // for fresh
	stamps  [2]stamp  // of the files that current was read from
}

// Load reads an authority's certificate (or several), a certificate that it issued, and the key of that,
// all PEM. An error names the file and what is wrong with it.
func Load(ca, cert, key string) (*Credentials, error) { return load(Paths{ca, cert, key}, time.Now) }

func load(p Paths, now func() time.Time) (*Credentials, error) {
	for _, f := range []struct{ flag, path string }{{"tls-ca", p.CA}, {"tls-cert", p.Cert}, {"tls-key", p.Key}} {
		if f.path == "" {
			return nil, fmt.Errorf("identity: --%s is missing: --tls-ca, --tls-cert and --tls-key go together", f.flag)
		}
	}
	c := &Credentials{paths: p, from: p.Cert, now: now}
	var err error
	if c.roots, err = c.loadRoots(); err != nil {
		return nil, err
	}
	c.stamps = [2]stamp{stampOf(p.Cert), stampOf(p.Key)}
	if c.current, err = c.loadPair(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Credentials) loadRoots() (*x509.CertPool, error) {
	text, err := readFile(c.paths.CA)
	if err != nil {
		return nil, err
	}
	certs, err := parseCerts(text)
	if err != nil {
		return nil, fmt.Errorf("identity: %s: %w", c.paths.CA, err)
	}
	pool := x509.NewCertPool()
	var faults error
	valid := 0
	for _, cert := range certs {
		err := c.inTime(cert)
		if err == nil && !cert.IsCA {
			err = fmt.Errorf("the certificate of %q is not an authority's; are --tls-ca and --tls-cert exchanged?", cert.Subject.CommonName)
		}
		if err == nil {
			valid++
			pool.AddCert(cert)
		}
		faults = errors.Join(faults, err)
	}
	if valid == 0 { // one that has expired beside one that has not is what a change of authority looks like
		return nil, fmt.Errorf("identity: %s: %w", c.paths.CA, faults)
	}
	return pool, nil
}

// loadPair reads the certificate and key, and makes sure that peers will take them.
func (c *Credentials) loadPair() (*tls.Certificate, error) {
	certText, err := readFile(c.paths.Cert)
	if err != nil {
		return nil, err
	}
	keyText, err := readFile(c.paths.Key)
	if err != nil {
		return nil, err
	}
	chain, err := parseCerts(certText)
	if err != nil {
		return nil, fmt.Errorf("identity: %s: %w", c.paths.Cert, err)
	}
	if block, _ := pem.Decode(keyText); block == nil {
		return nil, fmt.Errorf("identity: %s: no PEM block; want a private key", c.paths.Key)
	}
	pair, err := tls.X509KeyPair(certText, keyText)
	if err != nil {
		return nil, fmt.Errorf("identity: %s does not go with %s: %w", c.paths.Key, c.paths.Cert, err)
	}
	if err := c.acceptable(chain, c.roots); err != nil {
		return nil, fmt.Errorf("identity: %s: %w", c.paths.Cert, err)
	}
	return &pair, nil
}

// acceptable reports what a peer would have against a chain of certificates.
func (c *Credentials) acceptable(chain []*x509.Certificate, roots *x509.CertPool) error {
	leaf := chain[0]
	if err := c.inTime(leaf); err != nil {
		return err
	}
	if err := leaf.VerifyHostname(Role); err != nil {
		return fmt.Errorf("the certificate lacks the DNS name %q: %w", Role, err)
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := leaf.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: between, CurrentTime: c.now(), KeyUsages: []x509.ExtKeyUsage{usage},
		})
		if err != nil {
			return fmt.Errorf("not usable with the authority%s: %w (it needs both server and client authentication)", c.ofFile(), err)
		}
	}
	return nil
}

// ofFile names the file of the authority, if there is one.
func (c *Credentials) ofFile() string {
	if c.paths.CA == "" {
		return ""
	}
	return " of " + c.paths.CA
}

func (c *Credentials) inTime(cert *x509.Certificate) error {
	now := c.now()
	switch name := cert.Subject.CommonName; {
	case now.After(cert.NotAfter):
		return fmt.Errorf("the certificate of %q expired at %s; issue a new one", name, cert.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(cert.NotBefore):
		return fmt.Errorf("the certificate of %q is not valid before %s; is this machine's clock right?", name, cert.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// parseCerts reads all certificates of a PEM file, at least one.
func parseCerts(text []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a PEM block of type %q, want CERTIFICATE", block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, errors.New("no PEM block; want a certificate")
	}
	if bytes.Contains(text, []byte("-----BEGIN")) {
		return nil, errors.New("the last PEM block is not whole; is the file cut short?")
	}
	return certs, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, wrap(err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, wrap(err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("identity: %s has more than %d bytes; is it a PEM file?", path, maxFile)
	}
	return text, nil
}
