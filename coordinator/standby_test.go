package coordinator

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Two coordinators share a record. The one that stands by names the leader;
// when the leader leaves, it goes on with the next generation.
func TestStandby(t *testing.T) {
	etcd := startEtcd(t)
	cfg := testConfig(t, 1)
	cfg.Store = &etcdStore{client: etcd, run: "test"}
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	f := joinAll(t, first, 1)[0]
	f.step(0)
	f.save(1, false)

	cfg.Store = &etcdStore{client: etcd, run: "test"}
	second := start(t, cfg)
	if s := second.Status(); s.Phase != api.PhaseStandby || s.Run.Leader != first.Addr() || !strings.Contains(s.Reason, "the coordinator at "+first.Addr()+" leads") {
		t.Errorf("status of the second: %+v", s)
	}
	_, err = rpc(t, second).Gossip(t.Context(), &api.GossipRequest{})
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "the leader is "+first.Addr()) {
		t.Errorf("the second answers %v", err)
	}
	stranger := dial(t, second.Addr(), "worker-0", cfg.Credentials.Client())
	if s := stranger.fails(); s.Code() != codes.FailedPrecondition {
		t.Errorf("a worker at the second: %v", s)
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if s := f.fails(); s.Code() != codes.Unavailable {
		t.Errorf("the first's worker: %v", s)
	}
	await(t, second, "the lead", func(s api.Status) bool { return s.Run.Leader == second.Addr() && s.Phase != api.PhaseStandby })
	s := second.Status()
	if s.Generation != 1 || len(s.Checkpoints) != 1 || !happened("took the run over")(s) {
		t.Errorf("after taking over: %+v", s)
	}
	again := dial(t, second.Addr(), "worker-0", cfg.Credentials.Client())
	h := hello(&cfg, "worker-0")
	h.Incarnation = "worker-0-2"
	h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest = true, 1, "feed"
	if again.join(h).GetWelcome() == nil {
		t.Fatal("not welcomed by the second")
	}
	if v := again.recv().GetView(); v.GetGeneration() != 2 || v.GetStep() != 1 || !v.GetFromCheckpoint() {
		t.Errorf("view %v", v)
	}
}

// etcd forgets the leader (its lease ends while it cannot be reached). No
// other takes over, so the run goes on, and its worker notices nothing.
func TestLeaseEnds(t *testing.T) {
	etcd := startEtcd(t)
	cfg := testConfig(t, 1)
	store := &etcdStore{client: etcd, run: "test"}
	cfg.Store = store
	c := start(t, cfg)
	f := joinAll(t, c, 1)[0]
	f.step(0)
	if _, err := etcd.Revoke(t.Context(), store.place.session.Lease()); err != nil {
		t.Fatal(err)
	}
	await(t, c, "the doubt", happened("the lead is in doubt"))
	await(t, c, "the lead", happened("this coordinator leads again"))
	f.step(1)
	f.save(2, false)
	await(t, c, "a step", func(s api.Status) bool { return s.Phase == api.PhaseTraining && s.Step == 2 && len(s.Checkpoints) == 1 })
}

// A coordinator that resumes a run stands by for it with more steps, and leads on to them. One that does not resume is refused.
func TestStandbyWithMoreSteps(t *testing.T) {
	etcd := startEtcd(t)
	base := testConfig(t, 1)
	stands := func(steps int, resume bool) Config {
		cfg, run := base, *base.Run
		run.Schedule.Kind, run.Steps = "constant", steps
		cfg.Run, cfg.Resume, cfg.Store = &run, resume, &etcdStore{client: etcd, run: "test"}
		return cfg
	}
	first, err := Start(t.Context(), stands(4, false))
	if err != nil {
		t.Fatal(err)
	}
	joinAll(t, first, 1)
	second := start(t, stands(8, true))
	if s := second.Status(); s.Phase != api.PhaseStandby || s.Run.Leader != first.Addr() {
		t.Fatalf("status of the second: %+v", s)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, second, "the lead", func(s api.Status) bool { return s.Run.Leader == second.Addr() && s.Phase != api.PhaseStandby })
	if s := second.Status(); s.Steps != 8 {
		t.Errorf("after taking over the run has %d steps", s.Steps)
	}
	if _, err := Start(t.Context(), stands(9, false)); err == nil || !strings.Contains(err.Error(), "steps: 8 and 9") {
		t.Errorf("one that does not resume: %v", err)
	}
}

// A record of a run with other settings is not taken over.
func TestRecordOfAnotherRun(t *testing.T) {
	memory := NewMemoryStores()
	cfg := testConfig(t, 1)
	cfg.Store = memory.Store()
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	joinAll(t, first, 1)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Store = memory.Store()
	cfg.Run.Model.Set("hidden", "7")
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "model.hidden: 256 and 7") {
		t.Errorf("got %v", err)
	}
}

// A run that is resumed may have more steps, and the record then says so. A coordinator that takes over may not.
func TestRecordOfLongerRun(t *testing.T) {
	memory := NewMemoryStores()
	cfg := testConfig(t, 1)
	cfg.Run.Schedule.Kind = "constant"
	for _, c := range []struct {
		steps   int
		resume  bool
		refused string
	}{{4, false, ""}, {8, true, ""}, {9, false, "steps: 8 and 9"}, {9, true, ""}} {
		cfg.Store, cfg.Resume, cfg.Run.Steps = memory.Store(), c.resume, c.steps
		coord, err := Start(t.Context(), cfg)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%d steps: error %v, want %q", c.steps, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%d steps: %v", c.steps, err)
		}
		joinAll(t, coord, 1)
		if err := coord.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A run on one machine that has not ended: a second start goes on with --resume, and is refused without, for workers may train on. Those
// of `rondo train` end with it, so there it begins anew.
func TestRunOnOneMachine(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Store, cfg.RecordDir = nil, filepath.Join(t.TempDir(), "record")
	begin := func() string {
		t.Helper()
		c, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		joinAll(t, c, 1)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		return c.Status().Run.ID
	}
	first := begin()
	_, err := Start(t.Context(), cfg)
	for _, want := range []string{"run test says that it has not ended", "workers of generation 1", "--resume", "remove " + cfg.RecordDir} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a second start: %v\nwant %q in it", err, want)
		}
	}
	cfg.SeesExits = true
	if again := begin(); again == first {
		t.Error("two runs have one identity")
	}
}

func TestStartErrors(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for want, change := range map[string]func(*Config){
		"--listen HOST:PORT":          func(c *Config) { c.Listen = busy.Addr().String() },
		"--status-addr HOST:PORT":     func(c *Config) { c.StatusListen = busy.Addr().String() },
		"no run file":                 func(c *Config) { c.Run = nil },
		"at least 1":                  func(c *Config) { c.Workers = 0 },
		"--workers 5, but batch.lane": func(c *Config) { c.Workers = 5 },
		"steps: 0":                    func(c *Config) { c.Run.Steps = 0 },
		"--tls-ca":                    func(c *Config) { c.Credentials = nil },
		"--listen":                    func(c *Config) { c.Listen = "" },
		"--etcd HOST:PORT":            func(c *Config) { c.Store = nil },
		"an endpoint is empty":        func(c *Config) { c.Etcd.Endpoints = []string{""} },
		"DefaultConfig":               func(c *Config) { c.Log = nil },
		"the record's directory":      func(c *Config) { c.Store, c.RecordDir = nil, "/dev/null/record" },
	} {
		cfg := testConfig(t, 1)
		change(&cfg)
		if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
