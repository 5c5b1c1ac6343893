package allreduce

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority makes the certificates of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	a := &authority{pool: x509.NewCertPool()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key = sign(t, template, nil, nil)
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate; without a parent it signs itself.
func sign(t testing.TB, template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(crand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// config is mutual TLS for a worker, for both ends.
func (a *authority) config(t testing.TB) *tls.Config {
	cert, key := sign(t, &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, a.cert, a.key)
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: a.pool, ClientCAs: a.pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
}

// socketPath is short enough for a socket.
func socketPath(t testing.TB) string {
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s", "w.sock")
}

func listen(t testing.TB, config *tls.Config, addresses ...string) *Listener {
	l, err := Listen(t.Context(), config, addresses)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func hello(view View, from int) Hello {
	return Hello{Run: "run-1", Config: "abc", Generation: view.Generation, From: from, To: view.Next(from), Name: fmt.Sprintf("w%d", from)}
}

// answering is what a worker answers the previous one.
func answering(view View, w int) Hello {
	h := hello(view, view.Prev(w)).reply()
	h.Name = fmt.Sprintf("w%d", w)
	return h
}

// socketGroups joins the workers of a view by real sockets: which picks one of
// the two addresses on which each of them listens.
func socketGroups(t testing.TB, view View, config *tls.Config, which int, wrap ...func(w int, next, prev Link) Link) []*Group {
	n := view.Workers()
	listeners := make([]*Listener, n)
	for w := range listeners {
		listeners[w] = listen(t, config, "unix://"+socketPath(t), "tcp://127.0.0.1:0")
	}
	groups := make([]*Group, n)
	everywhere(groups, func(w int, _ *Group) {
		next, prev, err := Connect(t.Context(), view, w, listeners[w], listeners[view.Next(w)].Addresses()[which], config, hello(view, w))
		if err != nil {
			t.Errorf("worker %d: %v", w, err)
			return
		}
		for _, f := range wrap {
			next = f(w, next, prev)
		}
		if groups[w], err = NewGroup(view, w, next, prev); err != nil {
			t.Error(err)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return groups
}

func TestGroupOverSockets(t *testing.T) {
	config := newAuthority(t).config(t)
	for which, name := range []string{"unix", "tls"} {
		t.Run(name, func(t *testing.T) {
			for _, workers := range []int{2, 3, 5} {
				for _, length := range []int{0, 1, 7, 1000, 300_000} {
					rng := rand.New(rand.NewPCG(uint64(workers), uint64(length)))
					view := randomView(rng, workers+rng.IntN(4), workers)
					groups := socketGroups(t, view, config, which)
					steps := []*aStep{newStep(rng, view, 1, length), newStep(rng, view, 2, length)}
					everywhere(groups, func(w int, g *Group) {
						for _, s := range steps {
							s.run(t, g)
						}
						if err := g.Barrier(3, 1); err != nil {
							t.Errorf("worker %d: %v", w, err)
						}
						if err := g.Close(); err != nil {
							t.Error(err)
						}
					})
				}
			}
		})
	}
}

// Two neighbours with far more to send than the kernel holds do not block each other.
func TestGroupLargeBothWays(t *testing.T) {
	view, _ := EvenView(1, 2, 2)
	groups := socketGroups(t, view, nilConfig(t), 0)
	rng := rand.New(rand.NewPCG(1, 2))
	s := newStep(rng, view, 1, 2_000_000)
	everywhere(groups, func(w int, g *Group) {
		s.run(t, g)
		if err := g.Barrier(2, 1); err != nil {
			t.Error(err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
}

// nilConfig is a configuration for listeners whose TCP address is not used.
func nilConfig(t testing.TB) *tls.Config { return newAuthority(t).config(t) }
