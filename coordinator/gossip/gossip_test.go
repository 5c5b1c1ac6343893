package gossip

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

var silence = slog.New(slog.DiscardHandler)

// gossiper is a member and the news that it heard.
type gossiper struct {
	Discovery
	news  chan Change
	heard []Change // before it was asked for
}

func startGossip(t *testing.T, c *identity.Credentials, m Meta, key []byte, seeds ...string) *gossiper {
	t.Helper()
	g := &gossiper{news: make(chan Change, 100)}
	var err error
	g.Discovery, err = Start(Config{Bind: "127.0.0.1:0", Key: key, Seeds: seeds, Meta: m, Log: silence,
		Server: c.Server(), Client: c.Client(), OnChange: func(c Change) { g.news <- c }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// credentials are of an authority of their own.
func credentials(t *testing.T) *identity.Credentials {
	t.Helper()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Write(filepath.Join(t.TempDir(), "tls"), "member")
	if err != nil {
		t.Fatal(err)
	}
	c, err := identity.Load(p.CA, p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hears waits for a piece of news. Two that have little to do with each other may come in any order.
func (g *gossiper) hears(t *testing.T, want Change) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		if i := slices.Index(g.heard, want); i >= 0 {
			g.heard = slices.Delete(g.heard, i, i+1)
			return
		}
		select {
		case c := <-g.news:
			g.heard = append(g.heard, c)
		case <-late:
			t.Fatalf("%s does not hear of %+v", g.Addr(), want)
		}
	}
}

// Three members learn of each other, of a new leader and of a goodbye, though
// two know the first one alone.
func TestGossip(t *testing.T) {
	key, c := make([]byte, 32), credentials(t)
	lead := Meta{Name: "coordinator-0", Role: RoleCoordinator, Leader: "127.0.0.1:7000"}
	w0, w1 := Meta{Name: "worker-0", Role: RoleWorker}, Meta{Name: "worker-1", Role: RoleWorker}
	a := startGossip(t, c, lead, key)
	b := startGossip(t, c, w0, key, a.Addr())
	d := startGossip(t, c, w1, key, a.Addr())
	a.hears(t, Change{"joined", w0})
	a.hears(t, Change{"joined", w1})
	b.hears(t, Change{"joined", w1})
	d.hears(t, Change{"joined", w0})
	if got := a.Members(); !slices.Equal(got, []Meta{lead, w0, w1}) {
		t.Errorf("members %+v", got)
	}
	lead.Leader = "127.0.0.1:7001"
	if err := a.Announce(lead); err != nil {
		t.Error(err)
	}
	b.hears(t, Change{"updated", lead})
	d.hears(t, Change{"updated", lead})
	if err := d.Leave(); err != nil {
		t.Error(err)
	}
	a.hears(t, Change{"gone", w1})
	b.hears(t, Change{"gone", w1})
	for _, g := range []*gossiper{b, a} {
		if err := g.Leave(); err != nil {
			t.Error(err)
		}
	}
}

// Who has another key stays alone.
func TestGossipKey(t *testing.T) {
	key, c := make([]byte, 32), credentials(t)
	a := startGossip(t, c, Meta{Name: "a", Role: RoleWorker}, key)
	defer a.Leave()
	b := startGossip(t, c, Meta{Name: "b", Role: RoleWorker}, append([]byte{1}, key[1:]...), a.Addr())
	defer b.Leave()
	if len(a.Members()) != 1 || len(b.Members()) != 1 {
		t.Errorf("members %+v and %+v", a.Members(), b.Members())
	}
}

func TestGossipErrors(t *testing.T) {
	c := credentials(t)
	good := Config{Server: c.Server(), Client: c.Client(), Bind: "127.0.0.1:0", Key: make([]byte, 32), Meta: Meta{Name: "a", Role: RoleWorker}, Log: silence}
	for want, change := range map[string]func(*Config){
		"a key of 3 bytes":     func(c *Config) { c.Key = c.Key[:3] },
		"name \"\"":            func(c *Config) { c.Meta.Name = "" },
		"want HOST:PORT":       func(c *Config) { c.Bind = "here" },
		"others would dial":    func(c *Config) { c.Advertise = "0.0.0.0:0" },
		"certificates":         func(c *Config) { c.Server = c.Client },
		`"127.0.0.1:70000"`:    func(c *Config) { c.Advertise = "127.0.0.1:70000" },
		"bytes of metadata":    func(c *Config) { c.Meta.Leader = strings.Repeat("l", 600) },
		"cannot listen on 192": func(c *Config) { c.Bind = "192.0.2.1:0" },
	} {
		cfg := good
		change(&cfg)
		if d, err := Start(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v, %v", want, d, err)
		}
	}
}
