package identity

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// mustAuthority makes an authority.
func mustAuthority(t *testing.T) *Authority {
	t.Helper()
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// mustCredentials writes and loads credentials that a issues to name.
func mustCredentials(t *testing.T, a *Authority, dir, name string) *Credentials {
	t.Helper()
	p, err := a.Write(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(p.CA, p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// issued is a certificate of a's that is valid from one time to another.
func issued(t *testing.T, a *Authority, from, to time.Duration, hosts ...string) tls.Certificate {
	t.Helper()
	cert, key, err := a.issue("odd", time.Now().Add(from), time.Now().Add(to), hosts)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// meet connects a client to a server, which reads without a handshake of its own, as code above TLS does. It
// returns what each of them got.
func meet(t *testing.T, server *tls.Config, dial func(net.Conn) error) (read string, serverErr, clientErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			serverErr = err
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(30 * time.Second))
		var text []byte
		text, serverErr = io.ReadAll(tls.Server(conn, server))
		read = string(text)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	clientErr = dial(conn)
	conn.Close()
	<-done
	return read, serverErr, clientErr
}

// hello says hello over TLS.
func hello(config *tls.Config) func(net.Conn) error {
	return func(conn net.Conn) error {
		c := tls.Client(conn, config)
		if _, err := c.Write([]byte("hello")); err != nil {
			return err
		}
		return c.Close()
	}
}

func TestPeersMeet(t *testing.T) {
	a, dir := mustAuthority(t), t.TempDir()+"/tls"
	server := mustCredentials(t, a, dir, "coordinator").Server()
	var name string
	verify := server.VerifyConnection
	server.VerifyConnection = func(s tls.ConnectionState) error {
		name = PeerName(s)
		return verify(s)
	}
	read, serverErr, clientErr := meet(t, server, hello(mustCredentials(t, a, dir, "worker-0").Client()))
	if read != "hello" || serverErr != nil || clientErr != nil || name != "worker-0" {
		t.Errorf("the server read %q from %q: %v; the client: %v", read, name, serverErr, clientErr)
	}
}

// TestServerRefuses tries clients that must not get in; none of their bytes may be read.
func TestServerRefuses(t *testing.T) {
	ours, other := mustAuthority(t), mustAuthority(t)
	server := mustCredentials(t, ours, t.TempDir()+"/tls", "coordinator").Server()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ours.PEM())
	with := func(change func(*tls.Config), certs ...tls.Certificate) func(net.Conn) error {
		c := &tls.Config{RootCAs: roots, ServerName: Role, MinVersion: tls.VersionTLS12}
		if len(certs) > 0 { // shown whatever authorities the server says it takes
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certs[0], nil }
		}
		if change != nil {
			change(c)
		}
		return hello(c)
	}
	good := issued(t, ours, -time.Minute, time.Hour, Role)
	old := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
	cases := map[string]func(net.Conn) error{
		"no certificate":             with(nil),
		"another authority's":        with(nil, issued(t, other, -time.Minute, time.Hour, Role)),
		"expired":                    with(nil, issued(t, ours, -time.Hour, -time.Minute, Role)),
		"not yet valid":              with(nil, issued(t, ours, time.Hour, 2*time.Hour, Role)),
		"without the role":           with(nil, issued(t, ours, -time.Minute, time.Hour, "mail.example.com")),
		"TLS 1.2":                    with(old, good),
		"a certificate without TLS":  func(c net.Conn) error { _, err := c.Write(good.Certificate[0]); return err },
		"plain text":                 func(c net.Conn) error { _, err := io.WriteString(c, "GET / HTTP/1.1\r\n\r\n"); return err },
		"nothing, and away at once":  func(net.Conn) error { return nil },
		"the start of a TLS message": func(c net.Conn) error { _, err := c.Write([]byte{22, 3, 1, 2, 0, 1}); return err },
	}
	for name, dial := range cases {
		t.Run(name, func(t *testing.T) {
			read, err, _ := meet(t, server, dial)
			if read != "" || (err == nil && name != "nothing, and away at once") {
				t.Errorf("the server read %q, error %v", read, err)
			}
		})
	}
	if read, err, _ := meet(t, server, with(nil, good)); read != "hello" {
		t.Errorf("the server does not take a good certificate: %v", err)
	}
}

// TestClientRefuses tries servers that a client must not speak to.
func TestClientRefuses(t *testing.T) {
	ours, other := mustAuthority(t), mustAuthority(t)
	client := mustCredentials(t, ours, t.TempDir()+"/tls", "worker").Client()
	cases := map[string]struct {
		cert tls.Certificate
		want string
	}{
		"another authority's": {issued(t, other, -time.Minute, time.Hour, Role), "unknown authority"},
		"expired":             {issued(t, ours, -time.Hour, -time.Minute, Role), "expired"},
		"without the role":    {issued(t, ours, -time.Minute, time.Hour, "localhost"), "rondo"},
	}
	for name, c := range cases {
		server := &tls.Config{Certificates: []tls.Certificate{c.cert}}
		read, _, err := meet(t, server, hello(client))
		if read != "" || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the server read %q, the client's error is %v, want %q in it", name, read, err, c.want)
		}
	}
}
