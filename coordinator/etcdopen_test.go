package coordinator

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// served is an etcd that listens on the loopback.
type served struct {
	*embed.Etcd
	addr string // host:port
}

// serveEtcd starts an etcd that shows a certificate, unless the paths are empty,
// and wants one of the authority from its clients when ask is set.
func serveEtcd(t *testing.T, p identity.Paths, ask bool) served {
	t.Helper()
	at := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	config := embed.NewConfig()
	config.Dir, config.ListenPeerUrls = filepath.Join(t.TempDir(), "etcd"), nil
	config.BcryptCost = 4 // the least: a password takes long to check on a busy machine, and openPatience bounds it
	if p.CA != "" {
		at.Scheme = "https"
		config.ClientTLSInfo = transport.TLSInfo{CertFile: p.Cert, KeyFile: p.Key, ClientCertAuth: ask}
		if ask {
			config.ClientTLSInfo.TrustedCAFile = p.CA
		}
	}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{at}, []url.URL{at}
	server := runEtcd(t, config)
	return served{server, server.Clients[0].Addr().String()}
}

// issue writes a certificate of an authority for some hosts.
func issue(t *testing.T, a *identity.Authority, name string, hosts ...string) identity.Paths {
	t.Helper()
	p, err := a.Write(filepath.Join(t.TempDir(), "tls"), name, hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newAuthority(t *testing.T) *identity.Authority {
	t.Helper()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Each way of not reaching an etcd has a sentence of its own, which names the
// endpoint and what to do, and comes long before the client of etcd gives up.
func TestEtcdOutOfReach(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	own := issue(t, ours, "coordinator-0", "127.0.0.1")
	creds, err := identity.Load(own.CA, own.Cert, own.Key)
	if err != nil {
		t.Fatal(err)
	}
	foreign := func(ca string, cert identity.Paths) *tls.Config {
		config, err := identity.Foreign(ca, cert.Cert, cert.Key, creds)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	theirCert := issue(t, theirs, "etcd", "127.0.0.1")
	plain := serveEtcd(t, identity.Paths{}, false).addr
	secure := serveEtcd(t, theirCert, false).addr
	asking := serveEtcd(t, theirCert, true).addr
	misnamed := serveEtcd(t, issue(t, theirs, "etcd", "etcd.example"), false).addr
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	none := identity.Paths{}

	for name, c := range map[string]struct {
		endpoint string
		config   *tls.Config
		want     string // empty: it can be reached
	}{
		"plain":                        {plain, nil, ""},
		"http":                         {"http://" + plain, nil, ""},
		"TLS":                          {secure, foreign(theirCert.CA, none), ""},
		"https":                        {"https://" + secure, foreign(theirCert.CA, none), ""},
		"TLS with our certificate":     {asking, foreign(theirCert.CA, issue(t, theirs, "us")), ""},
		"the run's authority":          {serveEtcd(t, issue(t, ours, "etcd", "127.0.0.1"), true).addr, creds.Client(), ""},
		"another authority":            {secure, foreign(own.CA, none), "an authority that we do not trust: name the file of that authority's certificate with --etcd-ca"},
		"the run's authority, foreign": {secure, creds.Client(), "an authority that we do not trust"},
		"another name":                 {misnamed, foreign(theirCert.CA, none), "its certificate is for rondo, etcd.example, not for 127.0.0.1"},
		"no certificate":               {asking, foreign(theirCert.CA, none), "it refuses our certificate"},
		"a certificate it does not trust": {asking, foreign(theirCert.CA, own),
			"give one that its authority signed with --etcd-cert and --etcd-key"},
		"TLS against plain":   {plain, foreign(theirCert.CA, none), "it speaks plain text, not TLS: give --etcd-tls=false"},
		"plain against TLS":   {secure, nil, "it speaks TLS, not plain text: leave out --etcd-tls=false"},
		"plain against asker": {asking, nil, "it speaks TLS, not plain text"},
		"a refused port":      {"127.0.0.1:1", nil, "nothing listens there: is etcd running"},
		"silent":              {silent.Addr().String(), nil, "is it an etcd?"},
		"silent to TLS":       {silent.Addr().String(), creds.Client(), "is it an etcd?"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProbe(c.config)
			if strings.HasPrefix(name, "silent") {
				p.patience = 50 * time.Millisecond
			}
			err := probeAll(t.Context(), p, []string{c.endpoint}, quiet)
			if c.want == "" {
				if err == nil {
					var s Store
					if s, err = OpenEtcd(t.Context(), EtcdConfig{Endpoints: []string{c.endpoint}, TLS: c.config}, "r", quiet); err == nil {
						err = s.Close()
					}
				}
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "etcd "+c.endpoint) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v\nwant %q in it, and the endpoint", err, c.want)
			}
		})
	}
}

// A host that is down does not answer at all, and one may not be there.
func TestNoHost(t *testing.T) {
	p := newProbe(nil)
	p.dial = func(_ context.Context, _, addr string) (net.Conn, error) {
		if addr == "nobody:2379" {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "nobody", IsNotFound: true}}
		}
		return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	}
	err := probeAll(t.Context(), p, []string{"10.9.9.9:2379", "nobody:2379"}, quiet)
	for _, want := range []string{"etcd 10.9.9.9:2379: no answer within 3s: is the host up", "etcd nobody:2379: no host is named nobody"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// One endpoint of several is enough; the others are told of.
func TestEtcdInPart(t *testing.T) {
	var log bytes.Buffer
	c := EtcdConfig{Endpoints: []string{"127.0.0.1:1", serveEtcd(t, identity.Paths{}, false).addr}}
	s, err := OpenEtcd(t.Context(), c, "r", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "etcd 127.0.0.1:1: nothing listens there") {
		t.Errorf("log: %s", &log)
	}
}

// An etcd that knows users tells us what it has against ours.
func TestEtcdUsers(t *testing.T) {
	ctx := t.Context()
	e := serveEtcd(t, identity.Paths{}, false)
	admin, err := clientv3.New(clientv3.Config{Endpoints: []string{e.addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	all := clientv3.GetPrefixRangeEnd("/rondo/")
	do := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(admin.UserAdd(ctx, "root", "r"))
	do(admin.UserGrantRole(ctx, "root", "root"))
	for role, may := range map[string]clientv3.PermissionType{"reader": clientv3.PermissionType(clientv3.PermRead), "writer": clientv3.PermissionType(clientv3.PermReadWrite)} {
		do(admin.RoleAdd(ctx, role))
		do(admin.RoleGrantPermission(ctx, role, "/rondo/", all, may))
		do(admin.UserAdd(ctx, role, "secret"))
		do(admin.UserGrantRole(ctx, role, role))
	}
	do(admin.AuthEnable(ctx))

	for _, c := range []struct{ user, password, want string }{
		{"writer", "secret", ""},
		{"", "", "it asks for a user: give --etcd-user NAME and --etcd-password-file FILE"},
		{"writer", "wrong", "it has no user writer with this password"},
		{"nobody", "secret", "it has no user nobody with this password"},
		{"reader", "secret", "user reader may not read and write beneath /rondo/"},
	} {
		s, err := OpenEtcd(ctx, EtcdConfig{Endpoints: []string{e.addr}, User: c.user, Password: c.password}, "r", quiet)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), "etcd "+e.addr+": "+c.want) {
				t.Errorf("user %q, password %q: got %v, want %q in it", c.user, c.password, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		leads(t, s, "a")
		if err := errors.Join(s.Put(ctx, "k", []byte("1")), s.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestEtcdConfig(t *testing.T) {
	secure := &tls.Config{}
	for _, c := range []struct {
		config EtcdConfig
		want   string
	}{
		{EtcdConfig{Endpoints: []string{"h:1", "[::1]:2379", "unix:///run/etcd"}}, ""},
		{EtcdConfig{Endpoints: []string{"https://h:1"}, TLS: secure, User: "u", Password: "p"}, ""},
		{EtcdConfig{Endpoints: []string{"h"}}, "--etcd: h: want HOST:PORT"},
		{EtcdConfig{Endpoints: []string{":2379"}}, "want HOST:PORT"},
		{EtcdConfig{Endpoints: []string{"ftp://h:1"}}, "the scheme ftp is not known"},
		{EtcdConfig{Endpoints: []string{"http://h:1"}, TLS: secure}, "https://h:1, or give --etcd-tls=false"},
		{EtcdConfig{Endpoints: []string{"https://h:1"}}, "--etcd-tls=false says plain text"},
		{EtcdConfig{User: "u"}, "go together"},
	} {
		err := c.config.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: got %v, want %q", c.config, err, c.want)
		}
	}
}
