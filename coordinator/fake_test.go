package coordinator

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// quiet drops all log lines.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// lockedBuilder is written to by several goroutines.
type lockedBuilder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuilder) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// within is how long a test waits for what must come at once. It bounds a
// failure, not a success.
const within = 20 * time.Second

// testCredentials makes an authority and one certificate of it, for all roles.
func testCredentials(t *testing.T) *identity.Credentials {
	t.Helper()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return issued(t, a, "test", identity.CoordinatorRole, identity.WorkerRole, identity.OperatorRole)
}

// issued are credentials with a certificate of an authority.
func issued(t *testing.T, a *identity.Authority, name string, roles ...string) *identity.Credentials {
	t.Helper()
	paths, err := a.Write(filepath.Join(t.TempDir(), "tls"), name, roles...)
	if err != nil {
		t.Fatal(err)
	}
	creds, err := identity.Load(paths.CA, paths.Cert, paths.Key)
	if err != nil {
		t.Fatal(err)
	}
	return creds
}

// handClock moves when a test says so.
type handClock struct {
	mu    sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func newHandClock() *handClock {
	return &handClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ticks: make(chan time.Time)}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) Ticker(time.Duration) (<-chan time.Time, func()) { return c.ticks, func() {} }

// advance moves the clock and has the loop notice, in steps of at most a
// second, for a longer gap looks as if the coordinator had stood still.
func (c *handClock) advance(t *testing.T, d time.Duration) {
	t.Helper()
	for d > 0 {
		by := min(d, time.Second)
		d -= by
		c.mu.Lock()
		c.now = c.now.Add(by)
		now := c.now
		c.mu.Unlock()
		select {
		case c.ticks <- now:
		case <-time.After(within):
			t.Fatal("the coordinator's loop does not take a tick")
		}
	}
}

// testConfig is a run of 4 steps on 4 lanes.
func testConfig(t *testing.T, workers int) Config {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Run = runfile.Default("test")
	cfg.Run.Steps, cfg.Run.Batch.Lanes, cfg.Run.Checkpoint.Dir = 4, 4, "runs/test"
	cfg.Workers, cfg.Credentials, cfg.Log = workers, testCredentials(t), quiet
	cfg.Store = NewMemoryStores().Store()
	return cfg
}

func start(t *testing.T, cfg Config) *Coordinator {
	t.Helper()
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// result waits for the end of a run.
func result(t *testing.T, c *Coordinator) Result {
	t.Helper()
	select {
	case r := <-c.Done():
		return r
	case <-time.After(within):
		t.Fatalf("the run does not end; its status: %+v", c.Status())
		return Result{}
	}
}

// fake is a worker that says what a test has it say.
type fake struct {
	t      *testing.T
	name   string
	stream api.Coordinator_WorkClient
	cancel context.CancelFunc
}

// dial opens a stream without a word.
func dial(t *testing.T, addr, name string, config *tls.Config) *fake {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); conn.Close() })
	stream, err := api.NewCoordinatorClient(conn).Work(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return &fake{t, name, stream, cancel}
}

func hello(cfg *Config, name string) *api.Hello {
	return &api.Hello{Name: name, Incarnation: name + "-1", Version: cfg.Version, Protocol: api.Protocol, Arithmetic: api.Bits, Host: "here", Pid: 1,
		Bits: cfg.Run.Bits(), DataHash: "d0", ValidHash: "v0", RingUnix: "/ring/" + name, CheckpointDir: "runs/test", Parameters: 10}
}

// join says hello and returns the answer.
func (f *fake) join(h *api.Hello) *api.ToWorker {
	f.t.Helper()
	f.send(&api.FromWorker{Message: &api.FromWorker_Hello{Hello: h}})
	return f.recv()
}

func (f *fake) send(m *api.FromWorker) {
	f.t.Helper()
	if err := f.stream.Send(m); err != nil {
		f.t.Fatalf("%s: send: %v", f.name, err)
	}
}

func (f *fake) recv() *api.ToWorker {
	f.t.Helper()
	for {
		m, err := f.stream.Recv()
		if err != nil {
			f.t.Fatalf("%s: recv: %v", f.name, err)
		}
		if m.GetPulse() == nil {
			return m
		}
	}
}

// end waits for the end of the run.
func (f *fake) end() *api.End {
	f.t.Helper()
	for {
		if end := f.recv().GetEnd(); end != nil {
			return end
		}
	}
}

// joinAll has workers named worker-0, ... join and returns them with their
// views.
func joinAll(t *testing.T, c *Coordinator, n int) []*fake {
	t.Helper()
	all := make([]*fake, n)
	for i := range all {
		name := fmt.Sprintf("worker-%d", i)
		all[i] = dial(t, c.Addr(), name, c.cfg.Credentials.Client())
		if w := all[i].join(hello(&c.cfg, name)).GetWelcome(); w == nil {
			t.Fatalf("%s was not welcomed", name)
		}
	}
	for i, f := range all {
		v := f.recv().GetView()
		if v == nil || int(v.Self) != i || len(v.Peers) != n {
			t.Fatalf("%s: view %v", f.name, v)
		}
		f.send(&api.FromWorker{Message: &api.FromWorker_Ready{Ready: &api.Ready{Generation: v.Generation}}})
	}
	return all
}

func (f *fake) step(step uint64) {
	f.t.Helper()
	f.send(&api.FromWorker{Message: &api.FromWorker_Step{Step: &api.StepReport{Step: step, Loss: 2, Targets: 100, TotalNs: 1e6}}})
}

// save plays a worker's part in a checkpoint, from Saved to CheckpointDone.
func (f *fake) save(step uint64, last bool) {
	f.t.Helper()
	f.send(&api.FromWorker{Message: &api.FromWorker_Saved{Saved: &api.Saved{Step: step, Last: last,
		Files: []*api.FileInfo{{Name: f.name + ".safetensors", Size: 10}}}}})
	for {
		switch m := f.recv().Message.(type) {
		case *api.ToWorker_Verify:
			f.send(&api.FromWorker{Message: &api.FromWorker_Verified{Verified: &api.Verified{Step: m.Verify.Step}}})
		case *api.ToWorker_Commit:
			f.send(&api.FromWorker{Message: &api.FromWorker_Committed{Committed: &api.Committed{Step: m.Commit.Step, Digest: "feed", Path: "runs/test/step"}}})
		case *api.ToWorker_CheckpointDone:
			if m.CheckpointDone.Error != "" || m.CheckpointDone.Step != step {
				f.t.Errorf("%s: checkpoint: %v", f.name, m.CheckpointDone)
			}
			return
		default:
			f.t.Errorf("%s: in a checkpoint came %v", f.name, m)
			return
		}
	}
}

// await waits until the status is as a test wants it.
func await(t *testing.T, c *Coordinator, what string, is func(api.Status) bool) {
	t.Helper()
	changed, cancel := c.Subscribe()
	defer cancel()
	late := time.After(within)
	for !is(c.Status()) {
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%s does not come; status: %+v", what, c.Status())
		}
	}
}

// happened says that an event's text begins so.
func happened(text string) func(api.Status) bool {
	return func(s api.Status) bool {
		return slices.ContainsFunc(s.Events, func(e api.Event) bool { return strings.HasPrefix(e.What, text) })
	}
}

// fails receives until the stream ends, and returns how it ended.
func (f *fake) fails() *status.Status {
	f.t.Helper()
	for {
		if _, err := f.stream.Recv(); err != nil {
			return status.Convert(err)
		}
	}
}
