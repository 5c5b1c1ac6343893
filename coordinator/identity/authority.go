package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	// lifetime is long enough for the longest run on one machine, whose processes reconnect when one fails.
	lifetime = 90 * 24 * time.Hour
	// slack is how far the clocks of machines may be apart.
	slack = time.Hour
)

// Authority is a certificate authority. It may be used by several goroutines.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

// NewAuthority makes a throw-away authority that is valid from an hour ago for 90 days. Its key exists in memory
// alone, so what it has issued can be added to by nobody once it is gone.
func NewAuthority() (*Authority, error) {
	return newAuthority("rondo throw-away authority", time.Now(), lifetime)
}

// NewLastingAuthority makes an authority that is to be kept: see Text. It is valid from an hour ago for life.
func NewLastingAuthority(life time.Duration) (*Authority, error) {
	return newAuthority("rondo authority", time.Now(), life)
}

func newAuthority(name string, now time.Time, life time.Duration) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	template, err := newTemplate(name, now.Add(-slack), now.Add(life))
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.MaxPathLenZero = true // no authorities beneath it
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &Authority{cert: cert, key: key, pem: encodePEM("CERTIFICATE", der)}, nil
}

// PEM is the authority's certificate, which peers need in order to trust what it issues.
func (a *Authority) PEM() []byte { return append([]byte(nil), a.pem...) }

// Issue makes a certificate and its key for the process called name, for use by either end of a connection.
// The names are its roles, and hosts or addresses for tools that want them; our own peers look at the roles alone.
func (a *Authority) Issue(name string, names ...string) (certPEM, keyPEM []byte, err error) {
	return a.issue(name, a.cert.NotBefore, a.cert.NotAfter, append([]string{Role}, names...))
}

func (a *Authority) issue(name string, from, to time.Time, names []string) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("identity: %w", err)
	}
	der, err := a.certify(key.Public(), name, from, to, names)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("identity: %w", err)
	}
	return encodePEM("CERTIFICATE", der), encodePEM("PRIVATE KEY", secret), nil
}

// certify makes a certificate for a public key.
func (a *Authority) certify(key crypto.PublicKey, name string, from, to time.Time, names []string) (der []byte, err error) {
	template, err := newTemplate(name, from, to)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err = x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("identity: certificate of %q: %w", name, err)
	}
	return der, nil
}

// newTemplate is what all certificates share.
func newTemplate(name string, from, to time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: []string{"rondo"}},
		NotBefore:    from,
		NotAfter:     to,
	}, nil
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
