package identity

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"
)

// Server is the configuration of an end that accepts connections. A peer is let in only with a certificate
// of our authority that carries the Role. What it may do beyond that is asked with PeerMay, so that it can be
// told what its certificate lacks: in a TLS handshake it would hear of a bad certificate alone.
func (c *Credentials) Server() *tls.Config {
	config := c.server()
	if c.live { // authorities as they are at each handshake
		config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.server(), nil }
	}
	return config
}

func (c *Credentials) server() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		ClientAuth:     tls.RequireAndVerifyClientCert,
		ClientCAs:      c.authorities(),
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.certificate(), nil },
		// The library verifies the chain of a client, but no name in it.
		VerifyConnection: func(s tls.ConnectionState) error {
			peer := s.PeerCertificates[0]
			if err := peer.VerifyHostname(Role); err != nil {
				return fmt.Errorf("identity: the peer %q lacks the DNS name %q: %w", peer.Subject.CommonName, Role, err)
			}
			return nil
		},
		SessionTicketsDisabled: true, // a certificate is looked at each time
		Time:                   c.now,
	}
}

// Client is the configuration of an end that opens connections. The peer must have a certificate of our
// authority that carries the Role: the Role takes the place of a host name, wherever the peer is. It must have
// the permissions, too.
func (c *Credentials) Client(needed ...Permission) *tls.Config {
	return &tls.Config{
		MinVersion:           tls.VersionTLS13,
		RootCAs:              c.authorities(),
		InsecureSkipVerify:   c.live, // VerifyConnection does it, with authorities as they are at each handshake
		ServerName:           Role,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.certificate(), nil },
		VerifyConnection: func(s tls.ConnectionState) error {
			if c.live {
				if err := c.verifyPeer(s, x509.ExtKeyUsageServerAuth); err != nil {
					return err
				}
			}
			for _, may := range needed {
				if err := PeerMay(s, may); err != nil {
					return fmt.Errorf("identity: the other end: %w", err)
				}
			}
			return nil
		},
		Time: c.now,
	}
}

// PeerName is the name that the other end of a connection was issued its certificate under, for logs.
func PeerName(s tls.ConnectionState) string {
	if len(s.PeerCertificates) == 0 {
		return "nobody"
	}
	return s.PeerCertificates[0].Subject.CommonName
}

// stamp tells one version of a file from another.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) stamp {
	stat, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{stat.ModTime(), stat.Size()}
}

// certificate is the one to show now. When its files have changed they are read again; while what they hold
// will not do (only one of the two has been replaced as yet) the one before is kept, and they are read again
// the next time.
func (c *Credentials) certificate() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live {
		if c.fresh != nil && !c.now().Before(c.due) {
			if pair, due, err := c.fresh(); err == nil {
				c.current, c.due = pair, due
			}
		}
		return c.current
	}
	stamps := [2]stamp{stampOf(c.paths.Cert), stampOf(c.paths.Key)}
	if stamps != c.stamps {
		if pair, err := c.loadPair(); err == nil {
			c.current, c.stamps = pair, stamps
		}
	}
	return c.current
}
