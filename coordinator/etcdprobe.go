package coordinator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// probePatience bounds each step of a probe.
const probePatience = 3 * time.Second

// The client of etcd tries again and again what cannot succeed, until its time is
// up, and then knows no more than that. So each endpoint is dialled by hand
// before: whoever is there answers the beginning of an HTTP/2 connection, or
// shows what is wrong.
type etcdProbe struct {
	config   *tls.Config // nil: plain text
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)
	patience time.Duration
}

func newProbe(config *tls.Config) *etcdProbe {
	return &etcdProbe{config: config, dial: (&net.Dialer{}).DialContext, patience: probePatience}
}

// check says what keeps us from speaking to an endpoint, and what to do.
func (p *etcdProbe) check(ctx context.Context, e endpoint) error {
	conn, err := p.connect(ctx, e)
	if err != nil {
		return fmt.Errorf("etcd %s: %w", e.text, err)
	}
	defer conn.Close()
	if p.config == nil {
		err = p.checkPlain(ctx, e, conn)
	} else {
		err = p.checkTLS(ctx, e, conn)
	}
	if err != nil {
		return fmt.Errorf("etcd %s: %w", e.text, err)
	}
	return nil
}

func (p *etcdProbe) connect(ctx context.Context, e endpoint) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	conn, err := p.dial(ctx, e.network, e.addr)
	dns := (*net.DNSError)(nil)
	switch {
	case err == nil:
		return conn, conn.SetDeadline(time.Now().Add(p.patience))
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, fmt.Errorf("no host is named %s: is the name in --etcd right?", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, errors.New("nothing listens there: is etcd running, and is the port right?")
	case isTimeout(err):
		return nil, fmt.Errorf("no answer within %v: is the host up, and does no firewall stand between?", p.patience)
	}
	return nil, fmt.Errorf("%w; is --etcd right?", err)
}

// checkTLS shakes hands and begins to speak. A server of TLS 1.3 tells only then
// what it thinks of our certificate.
func (p *etcdProbe) checkTLS(ctx context.Context, e endpoint, conn net.Conn) error {
	config := p.config.Clone()
	config.ServerName = e.host() // as the client of etcd does, whatever name was there
	config.NextProtos = []string{"h2"}
	secure := tls.Client(conn, config)
	err := secure.HandshakeContext(ctx)
	if err == nil {
		_, err = greet(secure)
	}
	if err == nil {
		return nil
	}
	if isPlain(err) || (isCut(err) && p.answers(ctx, e, nil)) {
		return errors.New("it speaks plain text, not TLS: give --etcd-tls=false, or have etcd listen with TLS (--cert-file, --key-file)")
	}
	return explainTLS(err, config.ServerName)
}

func (p *etcdProbe) checkPlain(ctx context.Context, e endpoint, conn net.Conn) error {
	reply, err := greet(conn)
	switch {
	case err == nil && isHTTP2(reply):
		return nil
	case (err == nil && isAlert(reply)) || (isCut(err) && p.answers(ctx, e, &tls.Config{InsecureSkipVerify: true})):
		return errors.New("it speaks TLS, not plain text: leave out --etcd-tls=false, and name the authority of its certificate with --etcd-ca FILE")
	case err != nil && isTimeout(err):
		return fmt.Errorf("it takes the connection and says nothing within %v: is it an etcd?", p.patience)
	case err != nil:
		return fmt.Errorf("it ends the connection (%w): is it an etcd?", err)
	}
	return errors.New("it does not speak HTTP/2: is it an etcd?")
}

// answers tells whether an endpoint can be spoken to with another config. With
// TLS it is enough that the other side shows a certificate.
func (p *etcdProbe) answers(ctx context.Context, e endpoint, config *tls.Config) bool {
	conn, err := p.connect(ctx, e)
	if err != nil {
		return false
	}
	defer conn.Close()
	if config == nil {
		reply, err := greet(conn)
		return err == nil && isHTTP2(reply)
	}
	secure := tls.Client(conn, config)
	err = secure.HandshakeContext(ctx)
	return err == nil || isRefusal(err)
}

// greet begins an HTTP/2 connection and returns the beginning of the answer.
func greet(conn net.Conn) ([]byte, error) {
	if _, err := io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		return nil, err
	}
	reply := make([]byte, 9)
	_, err := io.ReadFull(conn, reply)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return reply, err
}

func isHTTP2(reply []byte) bool { return reply[3] == 4 } // settings come first

func isAlert(reply []byte) bool { return bytes.HasPrefix(reply, []byte{0x15, 0x03}) }

// isPlain says that what came in the place of a handshake is no TLS.
func isPlain(err error) bool { return errors.As(err, new(tls.RecordHeaderError)) }

// isRefusal says that the other side ended a handshake with an alert of TLS.
func isRefusal(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// isCut says that the other side ended the connection.
func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout())
}

// explainTLS says what is wrong with a handshake. server is the name that the
// certificate should have.
func explainTLS(err error, server string) error {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		by := "nobody knows whom"
		if authority.Cert != nil {
			by = fmt.Sprintf("%q", authority.Cert.Issuer.CommonName)
		}
		return fmt.Errorf("its certificate is signed by %s, an authority that we do not trust: name the file of that authority's certificate with --etcd-ca", by)
	case errors.As(err, &hostname):
		return fmt.Errorf("its certificate is for %s, not for %s: name it in --etcd by a name of its certificate, or give it another certificate",
			names(hostname.Certificate), server)
	case errors.As(err, &invalid):
		return fmt.Errorf("its certificate will not do: %w", invalid)
	case isRefusal(err):
		return fmt.Errorf("it refuses our certificate (%w): give one that its authority signed with --etcd-cert and --etcd-key", err)
	case isTimeout(err):
		return errors.New("it takes the connection and does not answer TLS: is it an etcd?")
	}
	return fmt.Errorf("TLS: %w", err)
}

// names are those that a certificate is for.
func names(c *x509.Certificate) string {
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no host"
	}
	return strings.Join(all, ", ")
}
