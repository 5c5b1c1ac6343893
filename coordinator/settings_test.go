package coordinator

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A coordinator whose run file says when to save in another way takes a ring over: who comes to it is told what the ring's
// workers were told, so that all act at the same steps.
func TestSettingsOfTheRing(t *testing.T) {
	etcd := startEtcd(t)
	cfg := testConfig(t, 1)
	cfg.Run.Checkpoint.Every = 200
	cfg.Store = &etcdStore{client: etcd, run: "test"}
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	f := joinAll(t, first, 1)[0]
	f.step(0)
	f.save(1, false)
	await(t, first, "a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) == 1 })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	other := *cfg.Run
	other.Checkpoint.Every = 50
	cfg.Run = &other
	cfg.Store = &etcdStore{client: etcd, run: "test"}
	c := start(t, cfg)
	w := dial(t, c.Addr(), "worker-0", cfg.Credentials.Client())
	h := hello(&cfg, "worker-0")
	h.Incarnation = "worker-0-2"
	h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest = true, 1, "feed"
	if got := w.join(h).GetWelcome(); got == nil || got.Settings["checkpoint.every"] != "200" {
		t.Errorf("welcomed with %v, want checkpoint.every 200", got.GetSettings())
	}
}
