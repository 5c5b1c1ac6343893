package coordinator

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/gossip"
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
