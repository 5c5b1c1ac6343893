package coordinator

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Whoever stands by leaves with the run's result, whatever it is, and does not
// begin it anew.
func TestStandbyLeavesWithTheRun(t *testing.T) {
	memory := NewMemoryStores()
	cfg := testConfig(t, 1)
	cfg.Store = memory.Store()
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	f := joinAll(t, first, 1)[0]
	f.step(0)
	f.save(1, false)
	await(t, first, "a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) == 1 })
	cfg.Store = memory.Store()
	second := start(t, cfg)
	f.send(&api.FromWorker{Message: &api.FromWorker_Failed{Failed: &api.Failed{Kind: api.Failed_DATA, Error: "a shard is damaged"}}})
	want := result(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	got := result(t, second)
	want.Step = 1 // that the record knows of
	if got != want || got.ExitCode != 1 || !strings.Contains(got.Reason, "a shard is damaged") || got.Digest != "feed" {
		t.Errorf("the second leaves with %+v, the first with %+v", got, want)
	}
}

// A second coordinator of one name with another run is told the field; it does
// not stand by for a run that it does not know.
func TestStandbyOfAnotherRun(t *testing.T) {
	memory := NewMemoryStores()
	cfg := testConfig(t, 1)
	cfg.Store = memory.Store()
	start(t, cfg)
	for want, change := range map[string]func(*Config){
		"model.hidden: 256 and 7":                    func(c *Config) { c.Run.Model.Set("hidden", "7") },
		"checkpoint.dir: runs/test and runs/another": func(c *Config) { c.Run.Checkpoint.Dir = "runs/another" },
	} {
		other := testConfig(t, 1)
		change(&other)
		other.Store = memory.Store()
		if _, err := Start(t.Context(), other); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "leads it") {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// Only the coordinator that has no other beside it has a run stop when it is
// asked to leave.
func TestLeave(t *testing.T) {
	cfg := testConfig(t, 1)
	shared := start(t, cfg)
	if !shared.Leave("asked") || ended(shared.Status().Phase) {
		t.Errorf("one whose record is shared: %+v", shared.Status())
	}
	cfg.Store, cfg.RecordDir = nil, t.TempDir()
	alone := start(t, cfg)
	if alone.Leave("asked") {
		t.Error("the only coordinator leaves at once")
	}
	if r := result(t, alone); r.ExitCode != exitStopped || !strings.Contains(r.Reason, "asked") {
		t.Errorf("result %+v", r)
	}
}

// A coordinator whose session ended keeps its lead where etcd has not forgotten
// it, and its place among those who wait for it.
func TestEtcdKeepsThePlace(t *testing.T) {
	etcd := startEtcd(t)
	a, b := &etcdStore{client: etcd, run: "r"}, &etcdStore{client: etcd, run: "r"}
	first, err := a.Campaign(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	place, err := b.stand(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	a.place.session.Orphan() // etcd was away for longer than the client waits
	<-first.Lost
	again, err := a.Campaign(t.Context(), "a")
	if err != nil || again.Term != first.Term {
		t.Errorf("term %d after %d, %v", again.Term, first.Term, err)
	}
	select {
	case <-again.Lost:
		t.Error("the lead that was taken up again is lost")
	default:
	}
	if err := a.Put(t.Context(), "k", []byte("1")); err != nil {
		t.Error(err)
	}
	if err := a.Resign(t.Context()); err != nil {
		t.Error(err)
	}
	second, err := b.Campaign(t.Context(), "b")
	if err != nil || b.place.rev != place.rev || second.Term != uint64(place.rev) {
		t.Errorf("term %d, %v; it had the place %d", second.Term, err, place.rev)
	}
}

// A coordinator whose lease ended in an outage that its watch did not survive
// does not come to lead by a key that is gone.
func TestEtcdForgetsThePlace(t *testing.T) {
	etcd := startEtcd(t)
	a, b := &etcdStore{client: etcd, run: "r"}, &etcdStore{client: etcd, run: "r"}
	leads(t, a, "a")
	gone, err := b.stand(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := etcd.Revoke(t.Context(), gone.session.Lease()); err != nil {
		t.Fatal(err)
	}
	if err := a.Resign(t.Context()); err != nil {
		t.Fatal(err)
	}
	won, err := b.Campaign(t.Context(), "b")
	if err != nil || won.Term <= uint64(gone.rev) {
		t.Errorf("term %d, %v; the key that is gone had %d", won.Term, err, gone.rev)
	}
	if err := b.Put(t.Context(), "k", []byte("1")); err != nil {
		t.Error(err)
	}
}
