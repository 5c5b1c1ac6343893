package identity

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Role is the DNS name in the certificate of every process of a run.
const Role = "rondo"

// The roles of processes, as further DNS names. A certificate may carry several.
// One with none of them is a worker's, of any name.
const (
	CoordinatorRole = "coordinator." + Role // may lead, stand by and steer
	WorkerRole      = "worker." + Role      // may be a worker of any name
	OperatorRole    = "operator." + Role    // may steer: rondo stop, rondo checkpoint
)

// NamedWorker is the DNS name of a certificate for the worker of one name: what
// is started with --name.
func NamedWorker(name string) string { return name + "." + WorkerRole }

// tokenSuffix ends the DNS name that says by which token a certificate came.
const tokenSuffix = ".token." + Role

// ByToken is the DNS name in the certificate of whoever joined by a token. It permits nothing: it is looked at when the certificate
// is to be renewed.
func ByToken(id string) string { return id + tokenSuffix }

// TokenOf is the ID of the token by which a certificate came; empty: it came otherwise.
func TokenOf(cert *x509.Certificate) string {
	for _, n := range cert.DNSNames {
		if id, is := strings.CutSuffix(n, tokenSuffix); is {
			return id
		}
	}
	return ""
}

// A Permission says what is missing in a certificate for something that its
// holder would do; nil when nothing is.
type Permission func(cert *x509.Certificate) error

// MayCoordinate permits to lead a run and to stand by.
func MayCoordinate(cert *x509.Certificate) error {
	if carries(cert, CoordinatorRole) {
		return nil
	}
	return lacks(cert, "coordinates", CoordinatorRole)
}

// MaySteer permits to stop a run and to ask for checkpoints.
func MaySteer(cert *x509.Certificate) error {
	if carries(cert, OperatorRole) || carries(cert, CoordinatorRole) {
		return nil
	}
	return lacks(cert, "steers a run", OperatorRole)
}

// MayWork permits to be the worker of a name.
func MayWork(name string) Permission {
	return func(cert *x509.Certificate) error {
		named := slices.ContainsFunc(cert.DNSNames, func(n string) bool {
			return strings.HasSuffix(strings.ToLower(n), "."+WorkerRole)
		})
		other := carries(cert, CoordinatorRole) || carries(cert, OperatorRole)
		if carries(cert, WorkerRole) || carries(cert, NamedWorker(name)) || !named && !other {
			return nil
		}
		if named {
			return lacks(cert, fmt.Sprintf("is worker %q (--name)", name), NamedWorker(name))
		}
		return lacks(cert, "is a worker", WorkerRole)
	}
}

func carries(cert *x509.Certificate, name string) bool {
	return slices.ContainsFunc(cert.DNSNames, func(n string) bool { return strings.EqualFold(n, name) })
}

func lacks(cert *x509.Certificate, does, name string) error {
	return fmt.Errorf("the certificate of %q lacks the DNS name %q, which whoever %s needs; it has %s",
		cert.Subject.CommonName, name, does, strings.Join(cert.DNSNames, ", "))
}

// PeerMay asks for a permission of the other end of a connection.
func PeerMay(s tls.ConnectionState, may Permission) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the peer shows no certificate")
	}
	return may(s.PeerCertificates[0])
}

// Permit asks for a permission of our own certificate, as peers will. An error
// names its file, or where else it is from.
func (c *Credentials) Permit(may Permission) error {
	if err := may(c.certificate().Leaf); err != nil {
		return fmt.Errorf("identity: %s: %w", c.from, err)
	}
	return nil
}
