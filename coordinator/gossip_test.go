package coordinator

import (
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/gossip"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// A welcomed worker can join the gossip, and its coming and going are events.
func TestGossipOfACoordinator(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Gossip = "127.0.0.1:0"
	c := start(t, cfg)
	f := dial(t, c.Addr(), "worker-0", cfg.Credentials.Client())
	w := f.join(hello(&cfg, "worker-0")).GetWelcome()
	if len(w.GetGossipSeeds()) != 1 || w.GossipSeeds[0] != c.GossipAddr() {
		t.Fatalf("welcome %v", w)
	}
	g, err := gossip.Start(gossip.Config{Bind: "127.0.0.1:0", Key: w.GossipKey, Seeds: w.GossipSeeds, Log: quiet,
		Server: cfg.Credentials.Server(), Client: cfg.Credentials.Client(),
		Meta: gossip.Meta{Name: "worker-0", Role: gossip.RoleWorker}})
	if err != nil {
		t.Fatal(err)
	}
	if m := g.Members(); len(m) != 2 || m[0].Leader != c.Addr() {
		t.Errorf("members %+v, want the coordinator that leads and this worker", m)
	}
	await(t, c, "the news", happened("gossip: worker worker-0 joined"))
	if err := g.Leave(); err != nil {
		t.Error(err)
	}
	await(t, c, "the goodbye", happened("gossip: worker worker-0 gone"))
	if s := c.Status(); s.Phase != api.PhaseStarting {
		t.Errorf("gossip decided something: %+v", s)
	}
}

// Members to join by that take connections and say nothing delay no worker's welcome, which tells how to join all the same.
func TestGossipOfSilentSeeds(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Gossip = "127.0.0.1:0"
	seeds := make([]net.Listener, 5)
	dialled := make(chan net.Conn, len(seeds))
	for i := range seeds {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		seeds[i], cfg.GossipSeeds = l, append(cfg.GossipSeeds, l.Addr().String())
		go func() {
			if conn, err := l.Accept(); err == nil {
				dialled <- conn
			}
		}()
	}
	c := start(t, cfg)
	t.Cleanup(func() {
		for _, l := range seeds {
			l.Close()
		}
		for len(dialled) > 0 {
			(<-dialled).Close()
		}
	})
	w := dial(t, c.Addr(), "worker-0", cfg.Credentials.Client()).join(hello(&cfg, "worker-0")).GetWelcome()
	if len(w.GetGossipKey()) != 32 || len(w.GetGossipSeeds()) != 1+len(seeds) {
		t.Errorf("welcome %v", w)
	}
	if n := len(dialled); n == len(seeds) {
		t.Errorf("the welcome came when all %d seeds had had their time", n)
	}
}

// A coordinator that stands by is told by the leader how to join the gossip, goes
// on with the same key, and no record ever holds it. A worker's certificate does
// not get it.
func TestGossipOfAStandby(t *testing.T) {
	memory := NewMemoryStores()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, 1)
	cfg.Gossip, cfg.Store = "127.0.0.1:0", memory.Store()
	cfg.Credentials = issued(t, a, "coordinator", identity.CoordinatorRole)
	worker := issued(t, a, "worker-0", identity.NamedWorker("worker-0"))
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, first.Addr(), "worker-0", worker.Client()).join(hello(&cfg, "worker-0")).GetWelcome()
	heard := make(chan gossip.Change, 100)
	g, err := gossip.Start(gossip.Config{Bind: "127.0.0.1:0", Key: w.GetGossipKey(), Seeds: w.GetGossipSeeds(), Log: quiet, Server: worker.Server(), Client: worker.Client(),
		Meta: gossip.Meta{Name: "worker-0", Role: gossip.RoleWorker}, OnChange: func(c gossip.Change) { heard <- c }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Leave()

	cfg.Name, cfg.Store = "coordinator-1", memory.Store()
	second := start(t, cfg)
	await(t, first, "the second coordinator", happened("gossip: coordinator coordinator-1 joined"))
	values, err := first.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range values {
		if text := string(value); strings.Contains(text, string(w.GossipKey)) || strings.Contains(text, base64.StdEncoding.EncodeToString(w.GossipKey)) {
			t.Errorf("the record holds the key of the gossip: %s: %s", key, value)
		}
	}
	if _, err := rpcAs(t, first, worker).Gossip(t.Context(), &api.GossipRequest{}); status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), identity.CoordinatorRole) {
		t.Errorf("a worker asks for the key: %v", err)
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, second, "the lead", func(s api.Status) bool { return s.Run.Leader == second.Advertised() })
	for c := range heard { // with the key of the first
		if c.Meta.Leader == second.Advertised() {
			break
		}
	}
}
