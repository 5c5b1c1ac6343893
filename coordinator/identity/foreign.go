package identity

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// Foreign is the configuration of an end that opens connections to a server
// which is not one of ours, as etcd is: the name in its certificate must be that
// of the host. authority is the PEM file of who signed it. cert and key are files
// too, read anew at each handshake, and shown when the server asks for a
// certificate; with neither own is shown, if there is one and the server takes its authority.
func Foreign(authority, cert, key string, own *Credentials) (*tls.Config, error) {
	text, err := readFile(authority)
	if err != nil {
		return nil, err
	}
	certs, err := parseCerts(text)
	if err != nil {
		return nil, fmt.Errorf("identity: %s: %w", authority, err)
	}
	roots := x509.NewCertPool()
	for _, c := range certs {
		roots.AddCert(c)
	}
	show, err := certificateOf(cert, key, own)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, GetClientCertificate: show}, err
}

// certificateOf returns what shows a server the certificate in two files, or else
// our own.
func certificateOf(cert, key string, own *Credentials) (func(*tls.CertificateRequestInfo) (*tls.Certificate, error), error) {
	switch {
	case cert == "" && key == "":
		return func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if own != nil {
				if pair := own.certificate(); asked.SupportsCertificate(pair) == nil {
					return pair, nil
				}
			}
			return &tls.Certificate{}, nil // none
		}, nil
	case cert == "" || key == "":
		return nil, errors.New("identity: a certificate and its key go together")
	}
	load := func() (*tls.Certificate, error) {
		certText, err := readFile(cert)
		if err != nil {
			return nil, err
		}
		keyText, err := readFile(key)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(certText, keyText)
		if err != nil {
			return nil, fmt.Errorf("identity: %s and %s: %w", cert, key, err)
		}
		return &pair, nil
	}
	if _, err := load(); err != nil {
		return nil, err
	}
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }, nil
}
