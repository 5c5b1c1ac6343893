package gossip

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// gossiper is a member and the news that it heard.
type gossiper struct {
	Discovery
	news  chan Change
	heard []Change // before it was asked for
}

func startGossip(t *testing.T, m Meta, key []byte, seeds ...string) *gossiper {
	t.Helper()
	g := &gossiper{news: make(chan Change, 100)}
	var err error
	g.Discovery, err = Start(Config{Bind: "127.0.0.1:0", Key: key, Seeds: seeds, Meta: m, Log: slog.New(slog.DiscardHandler),
		OnChange: func(c Change) { g.news <- c }})
	if err != nil {
		t.Fatal(err)
	}
	return g
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
	key := make([]byte, 32)
	lead := Meta{Name: "coordinator-0", Role: RoleCoordinator, Leader: "127.0.0.1:7000"}
	w0, w1 := Meta{Name: "worker-0", Role: RoleWorker}, Meta{Name: "worker-1", Role: RoleWorker}
	a := startGossip(t, lead, key)
	b := startGossip(t, w0, key, a.Addr())
	c := startGossip(t, w1, key, a.Addr())
	a.hears(t, Change{"joined", w0})
	a.hears(t, Change{"joined", w1})
	b.hears(t, Change{"joined", w1})
	c.hears(t, Change{"joined", w0})
	if got := a.Members(); !slices.Equal(got, []Meta{lead, w0, w1}) {
		t.Errorf("members %+v", got)
	}
	lead.Leader = "127.0.0.1:7001"
	if err := a.Announce(lead); err != nil {
		t.Error(err)
	}
	b.hears(t, Change{"updated", lead})
	c.hears(t, Change{"updated", lead})
	if err := c.Leave(); err != nil {
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
	key := make([]byte, 32)
	a := startGossip(t, Meta{Name: "a", Role: RoleWorker}, key)
	defer a.Leave()
	b := startGossip(t, Meta{Name: "b", Role: RoleWorker}, append([]byte{1}, key[1:]...), a.Addr())
	defer b.Leave()
	if len(a.Members()) != 1 || len(b.Members()) != 1 {
		t.Errorf("members %+v and %+v", a.Members(), b.Members())
	}
}

func TestGossipErrors(t *testing.T) {
	good := Config{Bind: "127.0.0.1:0", Key: make([]byte, 32), Meta: Meta{Name: "a", Role: RoleWorker}, Log: slog.New(slog.DiscardHandler)}
	for want, change := range map[string]func(*Config){
		"a key of 3 bytes":     func(c *Config) { c.Key = c.Key[:3] },
		"name \"\"":            func(c *Config) { c.Meta.Name = "" },
		"want HOST:PORT":       func(c *Config) { c.Bind = "here" },
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
