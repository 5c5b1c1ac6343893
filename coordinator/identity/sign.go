package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Request is a new key and the request for a certificate of it. The key never leaves the process.
type Request struct {
	DER []byte
	key *ecdsa.PrivateKey
}

// NewRequest makes a key.
func NewRequest() (*Request, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &Request{der, key}, nil
}

// Sign makes a certificate for the key of a request, valid for life from now on and, for clocks that differ, an hour
// before. Whatever else is in the request counts for nothing: the name and the roles are the caller's.
func (a *Authority) Sign(request []byte, name string, now time.Time, life time.Duration, names ...string) (certPEM []byte, err error) {
	r, err := x509.ParseCertificateRequest(request)
	if err != nil {
		return nil, fmt.Errorf("identity: the request for a certificate: %w", err)
	}
	key, ok := r.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() { // others take their time to check
		return nil, errors.New("identity: the request for a certificate is for another kind of key; want ECDSA with P-256")
	}
	if err := r.CheckSignature(); err != nil {
		return nil, fmt.Errorf("identity: the request for a certificate is not signed by its key: %w", err)
	}
	from, to := a.span(now, life)
	der, err := a.certify(key, name, from, to, append([]string{Role}, names...))
	if err != nil {
		return nil, err
	}
	return encodePEM("CERTIFICATE", der), nil
}

// span is when a certificate is valid: never beyond the authority.
func (a *Authority) span(now time.Time, life time.Duration) (from, to time.Time) {
	from, to = now.Add(-slack), now.Add(life)
	if from.Before(a.cert.NotBefore) {
		from = a.cert.NotBefore
	}
	if to.After(a.cert.NotAfter) {
		to = a.cert.NotAfter
	}
	return from, to
}
