package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Text is the authority's certificate and its key, PEM: all that ParseAuthority needs. Whoever reads it can be any
// process of a run.
func (a *Authority) Text() ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return append(a.PEM(), encodePEM("PRIVATE KEY", key)...), nil
}

// ParseAuthority reads what Text wrote.
func ParseAuthority(text []byte) (*Authority, error) {
	certBlock, rest := pem.Decode(text)
	if certBlock == nil || certBlock.Type != "CERTIFICATE" {
		return nil, errors.New("identity: an authority begins with its certificate (PEM)")
	}
	keyBlock, _ := pem.Decode(rest)
	if keyBlock == nil || keyBlock.Type != "PRIVATE KEY" {
		return nil, errors.New("identity: an authority's certificate is followed by its key (PEM)")
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, fmt.Errorf("identity: the authority's certificate: %w", err)
	}
	anyKey, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, fmt.Errorf("identity: the authority's key: %w", err)
	}
	key, ok := anyKey.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("identity: the authority's key is of type %T, want ECDSA with P-256", anyKey)
	}
	if !cert.IsCA || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, errors.New("identity: the authority's certificate and key do not go together")
	}
	return &Authority{cert: cert, key: key, pem: encodePEM("CERTIFICATE", certBlock.Bytes)}, nil
}

// Hash identifies an authority: the SHA-256 of its public key, in hexadecimal.
func (a *Authority) Hash() string { return HashOf(a.cert) }

// HashOf is an authority's Hash, of its certificate.
func HashOf(authority *x509.Certificate) string {
	sum := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// Expires is when the authority's certificate expires, and with it all that it issued.
func (a *Authority) Expires() time.Time { return a.cert.NotAfter }
