package coordinator

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// play gives a board the decisions on some events, a second apart.
func play(b *board, clock *handClock, s state, events ...event) state {
	for _, e := range events {
		clock.mu.Lock()
		clock.now = clock.now.Add(time.Second)
		clock.mu.Unlock()
		next, actions, _ := decide(clock.Now(), s, e)
		b.observe(clock.Now(), next, e, actions)
		s = next
	}
	return s
}

func boardOf(workers int) (*board, *handClock, state) {
	clock := newHandClock()
	s := newState(&plan{Workers: workers, Lanes: 4, Steps: 100, Version: "v", Protocol: 1}, pastRun{})
	b := newBoard(clock, quiet, api.Run{Name: "test"})
	b.begin(s, pastRun{}, "here:1")
	return b, clock, s
}

func joins(n int) []event {
	var all []event
	for i := range n {
		all = append(all, workerJoined{Conn: uint64(i + 1), Hello: &api.Hello{Name: fmt.Sprintf("worker-%d", i), Incarnation: "i", Version: "v", Protocol: 1,
			RingUnix: "/r", Tier: "avx2", Threads: 2, Parameters: 10, DataHash: "d"}})
	}
	return all
}

func report(step uint64, part time.Duration) *api.StepReport {
	return &api.StepReport{Step: step, Loss: 2, Lr: 0.1, GradientNorm: 3, Targets: 500, TotalNs: int64(4 * part), ComputeNs: int64(part),
		RingNs: int64(part), WaitNs: int64(part), DataNs: int64(part), RingBytes: 1000, HeapBytes: 77}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9*math.Abs(b) }

// The loss that is shown is of the step that is shown, whichever worker tells of it first.
func TestLossIsOfTheStep(t *testing.T) {
	b, clock, s := boardOf(2)
	s = play(b, clock, s, joins(2)...)
	told := func(conn, step uint64) {
		r := report(step, time.Millisecond)
		r.Loss, r.Lr = 8-float64(step), float64(step)
		s = play(b, clock, s, stepReported{conn, r})
		if st := b.Status(); float64(st.Loss) != 8-float64(st.Step-1) || st.LR != float64(st.Step-1) {
			t.Errorf("worker %d tells of step %d: the loss %v and the rate %v are shown beside step %d", conn-1, step, st.Loss, st.LR, st.Step)
		}
	}
	for _, each := range [][2]uint64{{1, 0}, {2, 0}, {2, 1}, {1, 1}, {2, 2}, {2, 3}, {1, 2}, {1, 3}} {
		told(each[0], each[1])
	}
}

func TestStatusOfARun(t *testing.T) {
	b, clock, s := boardOf(2)
	if st := b.Status(); st.Phase != api.PhaseWaiting || st.Steps != 100 || st.Workers == nil || st.Checkpoints == nil || st.Evaluations == nil {
		t.Errorf("at the start: %+v", st)
	}
	s = play(b, clock, s, joins(2)...)
	for step := range uint64(10) {
		s = play(b, clock, s, stepReported{1, report(step, time.Millisecond)}, stepReported{2, report(step, 2*time.Millisecond)})
	}
	play(b, clock, s, evaluated{1, &api.Evaluated{Step: 10, Loss: 1, TotalNs: 5e8}}, evaluated{2, &api.Evaluated{Step: 10}})
	st := b.Status()
	if st.Step != 10 || st.Loss != 2 || st.LR != 0.1 || st.Run.Parameters != 10 || st.Run.DataHash != "d" || st.Run.Leader != "here:1" {
		t.Errorf("status %+v", st)
	}
	// A step of 500 targets takes two seconds by the clock, but for the first,
	// of which only the report is known.
	if st.Rate < 250 || st.Rate > 300 || st.SecondsLeft < 150 || st.SecondsLeft > 180 {
		t.Errorf("rate %v, seconds left %v", st.Rate, st.SecondsLeft)
	}
	w := st.Workers[1]
	if w.Name != "worker-1" || w.FirstLane != 2 || w.EndLane != 4 || w.Step != 10 || !near(w.Compute, 0.002) || !near(w.Total, 0.008) || !near(w.Sent, 125000) || w.Heap != 77 || w.Threads != 2 {
		t.Errorf("worker %+v", w)
	}
	if len(st.Evaluations) != 1 || st.Evaluations[0].Seconds != 0.5 {
		t.Errorf("evaluations %+v", st.Evaluations)
	}
	if h := b.Series(history.Query{From: 9}); !slices.Equal(h.Steps, []uint64{9, 10}) || h.Columns["norm"].Last[1] != 3 {
		t.Errorf("history %+v", h)
	}
}

// Events and evaluations are bounded, watchers are woken and do not block.
func TestBoardIsBounded(t *testing.T) {
	b, clock, s := boardOf(1)
	changed, cancel := b.watch()
	s = play(b, clock, s, joins(1)...)
	for i := range maxEvents + maxEvaluations {
		b.remark(levelInfo, fmt.Sprint("event ", i), "")
		s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: uint64(i), Loss: 1}})
	}
	<-changed
	cancel()
	select {
	case <-changed: // at most one more token was waiting
	default:
	}
	b.remark(levelInfo, "the last", "")
	select {
	case <-changed:
		t.Error("a watcher that left was woken")
	default:
	}
	st := b.Status()
	if len(st.Events) != maxEvents || st.Events[maxEvents-1].What != "the last" || len(st.Evaluations) != maxEvaluations {
		t.Errorf("%d events, %d evaluations", len(st.Events), len(st.Evaluations))
	}
}

// Checkpoints that the workers have removed are not listed.
func TestCheckpointsThatExist(t *testing.T) {
	b, clock, s := boardOf(1)
	s.plan.Keep = 2
	s = play(b, clock, s, joins(1)...)
	for step := range uint64(5) {
		s = play(b, clock, s, stepReported{1, report(step, time.Millisecond)})
		s = play(b, clock, s, saves(step+1, "")...)
	}
	if c := b.Status().Checkpoints; len(c) != 2 || c[0].Step != 4 || c[1].Step != 5 {
		t.Errorf("of five, of which two are kept: %+v", c)
	}
	s.plan.KeepEvery = 2
	play(b, clock, s, stepReported{1, report(5, time.Millisecond)})
	if c := b.Status().Checkpoints; len(c) != 3 || c[0].Step != 2 || c[1].Step != 4 || c[2].Step != 5 {
		t.Errorf("of five, of which two and each second are kept: %+v", c)
	}
}

// What a task measures is told, accuracy by itself too.
func TestMeasures(t *testing.T) {
	for name, want := range map[string]float64{"accuracy": 0.75, "mean IoU": 0} {
		b, clock, s := boardOf(1)
		s = play(b, clock, s, joins(1)...)
		play(b, clock, s, evaluated{1, &api.Evaluated{Step: 1, Loss: 1, Targets: 200, Figures: []*api.Figure{{Name: name, Value: 0.75, Unit: "share"}}}})
		e := b.Status().Evaluations
		if len(e) != 1 || e[0].Accuracy != want || len(e[0].Measures) != 1 || e[0].Measures[0] != (api.Measure{Name: name, Value: 0.75, Unit: "share"}) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// The status page serves the run and its metrics.
func TestStatusPage(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.StatusListen = "127.0.0.1:0"
	c := start(t, cfg)
	f := joinAll(t, c, 1)[0]
	f.step(0)
	await(t, c, "a step", func(s api.Status) bool { return s.Step == 1 })
	page := get(t, "http://"+c.StatusAddr()+"/metrics")
	for _, want := range []string{"rondo_step 1\n", "rondo_planned_steps 4\n", "rondo_loss_nats 2\n", "rondo_targets_total 100\n", "rondo_workers 1\n",
		`rondo_phase{phase="training"} 1`, `rondo_phase{phase="failed"} 0`, `rondo_events_total{level="info"}`,
		`rondo_worker_seconds_total{part="compute",worker="worker-0"} `, "# HELP rondo_learning_rate ", "go_goroutines"} {
		if !strings.Contains(page, want) {
			t.Errorf("/metrics lacks %q", want)
		}
	}
	if page := get(t, "http://"+c.StatusAddr()+"/api/status"); !strings.Contains(page, `"phase":"training"`) {
		t.Errorf("status %s", page)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return string(body)
}

// The history of steps is one of the view's first worker, goes back with the
// run, and shows the step that was not finite.
func TestSeriesOfARun(t *testing.T) {
	b, clock, s := boardOf(1)
	s = play(b, clock, s, joins(1)...)
	for _, step := range []uint64{0, 1, 2, 3, 2, 3} {
		s = play(b, clock, s, stepReported{1, report(step, time.Millisecond)})
	}
	play(b, clock, s, workerFailed{1, &api.Failed{Kind: api.Failed_NON_FINITE, Error: "step 4: NaN"}})
	got := b.Series(history.Query{})
	loss := got.Columns["loss"]
	if got.End != 5 || len(got.Steps) != 5 || loss.Last[3] != 2 || loss.Bad[3] != 0 || loss.Bad[4] != 1 || got.Columns["ring"].Last[0] != 0.001 {
		t.Errorf("%+v, loss %+v", got, loss)
	}
}

// What happened is numbered, so that who knows of some is told the rest.
func TestNumbersOfWhatHappened(t *testing.T) {
	b, clock, s := boardOf(1)
	s = play(b, clock, s, joins(1)...)
	before := b.Status()
	b.remark(levelInfo, "one more", "")
	play(b, clock, s, evaluated{1, &api.Evaluated{Step: 1, Loss: 1}})
	st := b.Status().Since(before.Next)
	if st.Whole || len(st.Evaluations) != 1 || st.Events[0].What != "one more" || st.Next >= 1<<53 || st.Next <= before.Next {
		t.Errorf("what came behind %d: %+v", before.Next, st)
	}
}
