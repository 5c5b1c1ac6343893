package coordinator

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// A whole run: two workers join, step, save, finish.
func TestRun(t *testing.T) {
	c := start(t, testConfig(t, 2))
	workers := joinAll(t, c, 2)
	var all sync.WaitGroup
	for _, f := range workers {
		all.Go(func() {
			for s := range uint64(4) {
				f.step(s)
			}
			f.save(4, true)
			f.send(&api.FromWorker{Message: &api.FromWorker_Finished{Finished: &api.Finished{Step: 4}}})
			if end := f.end(); end.ExitCode != 0 {
				t.Errorf("%s: end %v", f.name, end)
			}
		})
	}
	all.Wait()
	if r := result(t, c); r.ExitCode != 0 || r.Step != 4 || r.Digest != "feed" {
		t.Errorf("result %+v", r)
	}
	s := c.Status()
	if s.Phase != api.PhaseFinished || s.Step != 4 || len(s.Checkpoints) != 1 || len(s.Workers) != 2 {
		t.Errorf("status %+v", s)
	}
	if n := len(c.Series(history.Query{}).Steps); n != 4 {
		t.Errorf("%d steps in the history, want 4", n)
	}
}

// A worker of another release is told so and can do no harm; the run starts
// with others.
func TestRefusedAtTheJoin(t *testing.T) {
	c := start(t, testConfig(t, 1))
	for name, change := range map[string]func(*api.Hello){
		"version is v0 (protocol 2":      func(h *api.Hello) { h.Version = "v0" },
		"(protocol 99, bits 1) and ours": func(h *api.Hello) { h.Protocol = 99 },
		"model.hidden: 3 and 25":         func(h *api.Hello) { h.Bits["model.hidden"] = "3" },
	} {
		f := dial(t, c.Addr(), "worker-0", c.cfg.Credentials.Client())
		h := hello(&c.cfg, "worker-0")
		change(h)
		if r := f.join(h).GetRefused(); r == nil || !strings.Contains(r.Reason, name) {
			t.Errorf("want a refusal with %q, got %v", name, r)
		}
		if end := f.fails(); end.Code() != codes.Unknown || end.Message() != "EOF" {
			t.Errorf("after a refusal: %v", end)
		}
	}
	joinAll(t, c, 1)
}

// A run that begins with one worker can have as many as there are lanes.
func TestManyMoreWorkers(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Run.Batch.Lanes = 80
	c := start(t, cfg)
	for i := range cfg.Run.Batch.Lanes {
		name := fmt.Sprintf("worker-%d", i)
		f := dial(t, c.Addr(), name, c.cfg.Credentials.Client())
		if f.join(hello(&c.cfg, name)).GetWelcome() == nil {
			t.Fatalf("%s is not welcome", name)
		}
	}
}

// A directory with a checkpoint ends the run before it starts.
func TestCheckpointWithoutResume(t *testing.T) {
	c := start(t, testConfig(t, 2))
	f := dial(t, c.Addr(), "worker-0", c.cfg.Credentials.Client())
	h := hello(&c.cfg, "worker-0")
	h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest = true, 2, "abcd"
	if r := f.join(h).GetRefused(); r == nil || !strings.Contains(r.Reason, "--resume") {
		t.Errorf("got %v", r)
	}
	if r := result(t, c); r.ExitCode != 1 || !strings.Contains(r.Reason, "--resume") {
		t.Errorf("result %+v", r)
	}
	// Whoever comes now is told how it ended.
	late := dial(t, c.Addr(), "worker-1", c.cfg.Credentials.Client())
	if end := late.end(); end.ExitCode != 1 || !strings.Contains(end.Reason, "--resume") {
		t.Errorf("late worker: %v", end)
	}
}

// The others go on without a killed worker, which is named with its exit status.
func TestLostWorker(t *testing.T) {
	cfg := testConfig(t, 3)
	clock := newHandClock()
	cfg.Clock, cfg.SeesExits = clock, true
	c := start(t, cfg)
	workers := joinAll(t, c, 3)
	for _, f := range workers {
		f.step(0)
	}
	await(t, c, "step 1 of all", func(s api.Status) bool {
		return len(s.Workers) == 3 && s.Workers[0].Step == 1 && s.Workers[1].Step == 1 && s.Workers[2].Step == 1
	})
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Failed{Failed: &api.Failed{Kind: api.Failed_PEER, Generation: 1, Peer: "worker-1", Error: "link: end of file"}}})
	workers[1].cancel()
	c.WorkerExited("worker-1", "killed by signal 9")
	await(t, c, "the loss", func(s api.Status) bool { return s.Workers[1].State == memberLost })
	clock.advance(t, settle)
	const want = "worker-1 was lost at step 1 (killed by signal 9); generation 2 goes on with 2 workers"
	await(t, c, "the next view", func(s api.Status) bool { return s.Reason == want })
	for i, f := range []*fake{workers[0], workers[2]} {
		if v := f.recv().GetView(); v.GetGeneration() != 2 || !v.Live || int(v.Self) != i || len(v.Peers) != 2 {
			t.Errorf("%s: view %v", f.name, v)
		}
	}
}

// A stop by RPC goes to the first worker, and ends the run with status 130.
func TestStop(t *testing.T) {
	c := start(t, testConfig(t, 1))
	f := joinAll(t, c, 1)[0]
	f.step(0)
	await(t, c, "a step", func(s api.Status) bool { return s.Step == 1 })
	client := rpc(t, c)
	if r, err := client.Stop(t.Context(), &api.StopRequest{Reason: "enough"}); err != nil || !strings.Contains(r.Message, "enough") {
		t.Fatalf("stop: %v, %v", r, err)
	}
	d := f.recv().GetDecision()
	if d == nil || !d.Stop {
		t.Fatalf("decision %v", d)
	}
	f.send(&api.FromWorker{Message: &api.FromWorker_Step{Step: &api.StepReport{Step: 1, Decision: &api.Decision{Stop: true, Id: d.Id}}}})
	f.save(2, true)
	f.send(&api.FromWorker{Message: &api.FromWorker_Finished{Finished: &api.Finished{Step: 2, Stopped: true}}})
	if r := result(t, c); r.ExitCode != 130 || r.Step != 2 {
		t.Errorf("result %+v", r)
	}
	past, err := record{c.store}.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(past.Journal) != 1 || past.Journal[0] != (JournalEntry{Step: 2, Stop: true, Reason: "enough"}) {
		t.Errorf("journal %+v", past.Journal)
	}
	if past.Phase.Phase != api.PhaseStopped || len(past.Checkpoints) != 1 || past.View.Generation != 1 {
		t.Errorf("record %+v", past)
	}
	if _, err := client.Stop(t.Context(), &api.StopRequest{}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a stop after the end: %v", err)
	}
}

// The status by RPC is the one of the page.
func TestStatus(t *testing.T) {
	c := start(t, testConfig(t, 2))
	r, err := rpc(t, c).Status(t.Context(), &api.StatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var s api.Status
	if err := json.Unmarshal(r.Json, &s); err != nil {
		t.Fatal(err)
	}
	if s.Phase != api.PhaseWaiting || s.Reason != "0 of 2 workers joined" || s.Run.Name != "test" || s.Expected != 2 || s.Lanes != 4 {
		t.Errorf("status %+v", s)
	}
	if _, err := rpc(t, c).Checkpoint(t.Context(), &api.CheckpointRequest{}); status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), s.Reason) {
		t.Errorf("a checkpoint before the first step: %v", err)
	}
}

// Who has no certificate is refused before anything is read.
func TestNoCertificate(t *testing.T) {
	c := start(t, testConfig(t, 1))
	other := testCredentials(t).Client()
	bare := c.cfg.Credentials.Client()
	bare.Certificates, bare.GetClientCertificate = nil, nil
	for name, config := range map[string]*tls.Config{"another authority": other, "no certificate": bare} {
		conn, err := grpc.NewClient(c.Addr(), grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := api.NewCoordinatorClient(conn).Status(t.Context(), &api.StatusRequest{}); status.Code(err) != codes.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a certificate does not permit is refused with the name that it lacks.
func TestPermissions(t *testing.T) {
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, 2)
	cfg.Credentials = issued(t, a, "coordinator", identity.CoordinatorRole)
	c := start(t, cfg)
	for _, tc := range []struct {
		roles []string
		name  string // to join by
		lacks string // for that; empty: nothing
		steer bool
	}{
		{nil, "worker-1", "", false},
		{[]string{identity.WorkerRole}, "worker-1", "", false},
		{[]string{identity.NamedWorker("worker-1")}, "worker-1", "", false},
		{[]string{identity.NamedWorker("worker-1")}, "worker-0", identity.NamedWorker("worker-0"), false},
		{[]string{identity.OperatorRole}, "worker-1", identity.WorkerRole, true},
		{[]string{identity.CoordinatorRole}, "worker-1", identity.WorkerRole, true},
	} {
		creds := issued(t, a, "holder", tc.roles...)
		f := dial(t, c.Addr(), "holder", creds.Client())
		h := hello(&cfg, tc.name)
		h.Version = "other" // whoever may join by the name is refused for this
		want := cmp.Or(tc.lacks, "version is other")
		if r := f.join(h).GetRefused(); !strings.Contains(r.GetReason(), want) {
			t.Errorf("%v joins as %s: %v", tc.roles, tc.name, r)
		}
		_, err := rpcAs(t, c, creds).Checkpoint(t.Context(), &api.CheckpointRequest{})
		if tc.steer && status.Code(err) != codes.FailedPrecondition { // before the first step
			t.Errorf("%v steers: %v", tc.roles, err)
		}
		if _, tokens := rpcAs(t, c, creds).Tokens(t.Context(), &api.TokensRequest{}); (status.Code(tokens) == codes.PermissionDenied) == tc.steer {
			t.Errorf("%v lists tokens: %v", tc.roles, tokens)
		}
		if !tc.steer && (status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), identity.OperatorRole)) {
			t.Errorf("%v steers: %v", tc.roles, err)
		}
		if tc.steer {
			continue // a stop would end the run
		}
		if _, err := rpcAs(t, c, creds).Stop(t.Context(), &api.StopRequest{}); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%v stops: %v", tc.roles, err)
		}
	}
	for _, role := range []string{identity.WorkerRole, identity.OperatorRole} {
		cfg.Credentials = issued(t, a, "holder", role)
		if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), identity.CoordinatorRole) || !strings.Contains(err.Error(), "holder.pem") {
			t.Errorf("a certificate for %s coordinates: %v", role, err)
		}
	}
}

func rpc(t *testing.T, c *Coordinator) api.CoordinatorClient {
	t.Helper()
	return rpcAs(t, c, c.cfg.Credentials)
}

func rpcAs(t *testing.T, c *Coordinator, creds *identity.Credentials) api.CoordinatorClient {
	t.Helper()
	conn, err := grpc.NewClient(c.Addr(), grpc.WithTransportCredentials(credentials.NewTLS(creds.Client())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return api.NewCoordinatorClient(conn)
}
