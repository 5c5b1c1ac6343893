package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// scripted is a coordinator that does what a test says with each worker that comes.
type scripted struct {
	api.UnimplementedCoordinatorServer
	addr string
	rpc  *grpc.Server

	mu     sync.Mutex
	hellos []*api.Hello
	heard  chan *api.FromWorker
	came   chan bool // a worker
	work   func(*api.Hello, api.Coordinator_WorkServer) error
}

func (s *scripted) Work(ws api.Coordinator_WorkServer) error {
	m, err := ws.Recv()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.hellos = append(s.hellos, m.GetHello())
	work := s.work
	s.mu.Unlock()
	select {
	case s.came <- true:
	default:
	}
	return work(m.GetHello(), ws)
}

// leads welcomes in a term, shows that it is there, and passes on what it hears.
func (s *scripted) leads(term uint64, doubt bool) func(*api.Hello, api.Coordinator_WorkServer) error {
	return func(_ *api.Hello, ws api.Coordinator_WorkServer) error {
		if err := ws.Send(&api.ToWorker{Message: &api.ToWorker_Welcome{Welcome: &api.Welcome{Term: term, RunId: "r"}}}); err != nil {
			return err
		}
		if err := ws.Send(&api.ToWorker{Message: &api.ToWorker_Pulse{Pulse: &api.Pulse{Term: term, Doubt: doubt}}}); err != nil {
			return err
		}
		for {
			m, err := ws.Recv()
			if err != nil {
				return err
			}
			select {
			case s.heard <- m:
			case <-ws.Context().Done():
				return ws.Context().Err()
			}
		}
	}
}

func (s *scripted) follows(leader string) func(*api.Hello, api.Coordinator_WorkServer) error {
	return func(_ *api.Hello, ws api.Coordinator_WorkServer) error {
		return ws.Send(&api.ToWorker{Message: &api.ToWorker_Follow{Follow: &api.Follow{Leader: leader}}})
	}
}

func testCredentials(t *testing.T) *identity.Credentials {
	t.Helper()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Write(filepath.Join(t.TempDir(), "tls"), "test", identity.CoordinatorRole, identity.WorkerRole)
	if err != nil {
		t.Fatal(err)
	}
	c, err := identity.Load(p.CA, p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func script(t *testing.T, creds *identity.Credentials) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{addr: l.Addr().String(), rpc: grpc.NewServer(grpc.Creds(credentials.NewTLS(creds.Server()))), heard: make(chan *api.FromWorker, 100), came: make(chan bool, 100)}
	api.RegisterCoordinatorServer(s.rpc, s)
	go func() { _ = s.rpc.Serve(l) }()
	t.Cleanup(s.rpc.Stop)
	return s
}

// testSession is a session that has not begun.
func testSession(t *testing.T, creds *identity.Credentials, end context.CancelCauseFunc, addrs ...string) *session {
	s := &session{outlives: true, end: end, log: slog.New(slog.DiscardHandler), out: newOutbox(), handle: func(*api.ToWorker) {}}
	s.lost = func(addr string, err error) error { return err }
	cfg := Config{Credentials: creds}
	s.seek = &seeker{addrs: addrs, call: cfg.caller(), lookup: cfg.lookup(), log: s.log, hint: func() string { return "" }, hello: func(string) (*api.Hello, error) {
		return &api.Hello{Name: "worker-0", Standing: &api.Standing{Term: s.heard()}}, nil
	}}
	return s
}

func begin(t *testing.T, s *session) {
	t.Helper()
	life, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if err := s.open(t.Context(), life, func(*link) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// hears waits until the coordinator is told of the files of a step.
func (s *scripted) hears(t *testing.T, step uint64) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case m := <-s.heard:
			if m.GetSaved().GetStep() == step {
				return
			}
		case <-late:
			t.Fatalf("nothing is heard of step %d", step)
		}
	}
}

func savedMessage(step uint64) *api.FromWorker {
	return &api.FromWorker{Message: &api.FromWorker_Saved{Saved: &api.Saved{Step: step}}}
}

// A worker goes where a follower sends it, and when the leader is gone to the next one, which it tells again what counts.
func TestSessionFollows(t *testing.T) {
	creds := testCredentials(t)
	first, second, third := script(t, creds), script(t, creds), script(t, creds)
	first.work, second.work, third.work = first.follows(second.addr), second.leads(4, false), third.leads(7, false)
	s := testSession(t, creds, func(error) {}, first.addr, third.addr)
	begin(t, s)
	s.out.put(savedMessage(10))
	second.hears(t, 10)
	first.mu.Lock()
	first.work = first.follows(third.addr)
	first.mu.Unlock()
	second.rpc.Stop()
	third.hears(t, 10)
	if got := s.heard(); got != 7 {
		t.Errorf("term %d", got)
	}
	third.mu.Lock()
	defer third.mu.Unlock()
	if st := third.hellos[0].Standing; st.Term != 4 {
		t.Errorf("the third is told of term %d, want 4", st.Term)
	}
}

// A leader in doubt is left for one of a later term, and not for one of an earlier.
func TestSessionDoubt(t *testing.T) {
	creds := testCredentials(t)
	doubtful, deposed := script(t, creds), script(t, creds)
	doubtful.work, deposed.work = doubtful.leads(5, true), deposed.leads(4, false)
	s := testSession(t, creds, func(error) {}, doubtful.addr, deposed.addr)
	begin(t, s)
	s.out.put(savedMessage(1))
	doubtful.hears(t, 1)
	for range 2 { // it is asked, and refused
		select {
		case <-deposed.came:
		case <-time.After(20 * time.Second):
			t.Fatal("the other is not asked")
		}
	}
	s.mu.Lock()
	at := s.link.addr
	s.mu.Unlock()
	if at != doubtful.addr {
		t.Errorf("it follows %s of term 4", at)
	}
	deposed.mu.Lock()
	deposed.work = deposed.leads(6, false)
	deposed.mu.Unlock()
	deposed.hears(t, 1)
}

// What is final ends a search; what passes does not.
func TestSessionFinal(t *testing.T) {
	creds := testCredentials(t)
	c := script(t, creds)
	refusals := []*api.ToWorker{
		{Message: &api.ToWorker_Refused{Refused: &api.Refused{Reason: "not yet", Later: true}}},
		{Message: &api.ToWorker_Refused{Refused: &api.Refused{Reason: "other bits"}}},
	}
	c.work = func(_ *api.Hello, ws api.Coordinator_WorkServer) error {
		c.mu.Lock()
		m := refusals[0]
		refusals = refusals[1:]
		c.mu.Unlock()
		return ws.Send(m)
	}
	s := testSession(t, creds, func(error) {}, "127.0.0.1:1", c.addr)
	_, err := s.seek.find(t.Context(), 0, "waiting")
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Reason != "other bits" {
		t.Errorf("got %v", err)
	}

	stranger := testSession(t, testCredentials(t), func(error) {}, c.addr) // of another authority
	if _, err := stranger.seek.find(t.Context(), 0, "waiting"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}

	ended := make(chan error, 1)
	c.work = c.leads(1, false)
	bound := testSession(t, creds, func(err error) { ended <- err }, c.addr)
	bound.outlives = false
	begin(t, bound)
	c.rpc.Stop()
	if err := <-ended; err == nil {
		t.Error("a worker that does not outlive its coordinator goes on")
	}
}

// slowStream is a stream that breaks when the first message is sent, which takes until the link is closed and a while.
type slowStream struct {
	api.Coordinator_WorkClient
	closed context.Context
	begun  chan struct{}
	sent   bool
}

func (s *slowStream) Send(*api.FromWorker) error {
	close(s.begun)
	<-s.closed.Done()
	time.Sleep(time.Second)
	s.sent = true
	return nil
}

func (s *slowStream) Recv() (*api.ToWorker, error) {
	<-s.begun
	return nil, io.EOF
}

// slowCoordinator is a connection to a coordinator that takes its time to welcome.
type slowCoordinator struct{ simDialer }

func (c *slowCoordinator) NewStream(ctx context.Context, _ *grpc.StreamDesc, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	return &slowWelcome{ctx: ctx, after: 10 * time.Second}, nil
}

type slowWelcome struct {
	grpc.ClientStream
	ctx   context.Context
	after time.Duration
}

func (s *slowWelcome) SendMsg(any) error { return nil }

func (s *slowWelcome) RecvMsg(m any) error {
	select {
	case <-time.After(s.after):
		proto.Merge(m.(proto.Message), &api.ToWorker{Message: &api.ToWorker_Welcome{Welcome: &api.Welcome{Term: 1}}})
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// A worker that has one coordinator alone, on its own machine, waits for it however busy the machine is; another
// turns to the next one.
func TestSessionOfABusyMachine(t *testing.T) {
	for _, outlives := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := &worker{cfg: Config{Coordinators: []string{"127.0.0.1:1"}, Outlives: outlives, Log: slog.New(slog.DiscardHandler)}}
			w.cfg.outside.call = func(string) (connection, error) { return &slowCoordinator{}, nil }
			s := w.newSession(t.Context(), func(error) {})
			s.seek.hint, s.seek.hello = func() string { return "" }, func(string) (*api.Hello, error) { return &api.Hello{}, nil }
			l, err := s.seek.round(t.Context(), 0, "")
			if (err == nil) == outlives {
				t.Errorf("one that outlives its coordinator: %v; error %v", outlives, err)
			}
			if l != nil {
				l.close()
			}
		})
	}
}

// Whoever writes to a link that broke has ended before the next link begins: it would take what is for that one.
func TestSessionWriterEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &session{out: newOutbox(), log: slog.New(slog.DiscardHandler)}
		closed, cancel := context.WithCancel(t.Context())
		stream := &slowStream{closed: closed, begun: make(chan struct{})}
		s.out.put(savedMessage(1))
		if _, err := s.serve(t.Context(), &link{conn: &simDialer{}, stream: stream, cancel: cancel}); err == nil || !stream.sent {
			t.Errorf("%v; the writer has ended: %v", err, stream.sent)
		}
	})
}

// A name stands for several addresses, of which one is enough.
func TestResolved(t *testing.T) {
	s := &seeker{lookup: (&Config{}).lookup()}
	addrs, err := s.resolved(t.Context(), "localhost:7")
	if err != nil || len(addrs) == 0 || !slices.ContainsFunc(addrs, func(a string) bool { return strings.HasSuffix(a, ":7") }) {
		t.Errorf("localhost: %v, %v", addrs, err)
	}
	for _, addr := range []string{"127.0.0.1:7", "[::1]:7"} {
		if got, err := s.resolved(t.Context(), addr); err != nil || !slices.Equal(got, []string{addr}) {
			t.Errorf("%s: %v, %v", addr, got, err)
		}
	}
	if _, err := s.resolved(t.Context(), "nowhere"); err == nil {
		t.Error("an address without a port")
	}
}

// Without a stream reports of steps are let go, and what must be known is kept, of some the newest alone.
func TestOutbox(t *testing.T) {
	o := newOutbox()
	report := func(step uint64, d *api.Decision) *api.FromWorker {
		return &api.FromWorker{Message: &api.FromWorker_Step{Step: &api.StepReport{Step: step, Decision: d}}}
	}
	put := func(list ...*api.FromWorker) {
		for _, m := range list {
			o.put(m)
		}
	}
	beat := &api.FromWorker{Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{}}}
	evaluated := func(step uint64) *api.FromWorker {
		return &api.FromWorker{Message: &api.FromWorker_Evaluated{Evaluated: &api.Evaluated{Step: step}}}
	}
	put(report(1, nil), beat, report(2, &api.Decision{Checkpoint: true}), savedMessage(3), savedMessage(6), evaluated(3), evaluated(6))
	if o.unsettled() != 2 {
		t.Errorf("%d checkpoints wait", o.unsettled())
	}
	o.settled(3)
	o.begin()
	got := o.take()
	if len(got) != 3 || got[0].GetStep().GetStep() != 2 || !got[0].GetStep().GetAgain() || got[1].GetSaved().GetStep() != 6 || !got[1].GetSaved().GetAgain() || got[2].GetEvaluated().GetStep() != 6 {
		t.Errorf("the next coordinator is told %v", got)
	}
	put(report(7, nil), beat)
	if got := o.take(); len(got) != 2 || got[0].GetStep().GetAgain() {
		t.Errorf("a stream is given %v", got)
	}
	for range maxReports + 10 {
		o.put(report(8, nil))
	}
	put(savedMessage(9))
	if got := o.take(); len(got) != maxReports+1 {
		t.Errorf("%d messages wait for a stream that takes none", len(got))
	}
	look := &api.FromWorker{Message: &api.FromWorker_Health{Health: &api.Health{Layers: []*api.LayerHealth{{ByStep: make([]float32, maxLooks/10)}}}}}
	for range maxReports / 2 { // each takes two fifths of the bytes that may wait
		put(look, report(8, nil))
	}
	if got := o.take(); len(got) != 2+maxReports/2 {
		t.Errorf("%d messages wait, of looks as large as %d bytes", len(got), lookSize(look))
	}
	put(look, look)
	if got := o.take(); len(got) != 2 {
		t.Errorf("the stream goes on, and takes %d looks", len(got))
	}
	shows := evaluated(6)
	shows.GetEvaluated().Outcome = make([]byte, maxLooks/5)
	for range 20 {
		put(shows)
	}
	outcomes := 0
	for _, m := range o.take() {
		outcomes += len(m.GetEvaluated().GetOutcome())
		if m.GetEvaluated().GetStep() != 6 {
			t.Errorf("told is %v", m)
		}
	}
	if outcomes > maxLooks || outcomes < maxLooks/2 || len(shows.GetEvaluated().Outcome) == 0 {
		t.Errorf("%d bytes of what evaluations show wait for a stream that takes none", outcomes)
	}
	put(evaluated(6))
	o.end()
	for step := range uint64(2 * maxDecisions) {
		put(report(step, &api.Decision{Stop: true}))
	}
	o.begin()
	if got := o.take(); len(got) != maxDecisions+3 {
		t.Errorf("%d messages are kept", len(got))
	}
}
