package coordinator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// pastOf is what a worker wrote of steps, and of an evaluation after one.
func pastOf(t *testing.T, steps, evaluated uint64) []byte {
	t.Helper()
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		t.Fatal(err)
	}
	for s := uint64(1); s <= steps; s++ {
		w.Add(s, time.Unix(int64(s), 0), history.OfStep(report(s-1, time.Millisecond)))
	}
	frames, err := history.AppendNote(w.Take(), history.Note{Evaluation: &api.Evaluation{Step: evaluated, Loss: 1.5}})
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

// A coordinator that meets a run in its midst has the steps before from the
// view's first worker, and goes on with those that it sees.
func TestRecall(t *testing.T) {
	cfg := testConfig(t, 1)
	c := start(t, cfg)
	f := joinAll(t, c, 1)[0]
	past := pastOf(t, 3, 2) // the worker wrote a step that the coordinator is told of, too
	f.step(2)
	for from := 0; ; {
		q := f.recv().GetRecall()
		if q == nil || q.From != uint64(from) {
			t.Fatalf("asked for %v, where %d bytes were told", q, from)
		}
		next := min(from+100, len(past))
		f.send(&api.FromWorker{Message: &api.FromWorker_Recalled{Recalled: &api.Recalled{Id: q.Id + 1, Data: []byte("unasked"), Next: 9}}})
		f.send(&api.FromWorker{Message: &api.FromWorker_Recalled{Recalled: &api.Recalled{Id: q.Id, Data: past[from:next], Next: uint64(next)}}})
		if from == next {
			break
		}
		from = next
	}
	await(t, c, "an evaluation from before", func(s api.Status) bool { return len(s.Evaluations) == 1 && s.Evaluations[0].Step == 2 })
	f.step(3)
	await(t, c, "step 4", func(s api.Status) bool { return s.Step == 4 })
	got := c.Series(history.Query{})
	if !slices.Equal(got.Steps, []uint64{1, 2, 3, 4}) || got.Started.Unix() != 1 || got.Columns["loss"].Last[0] != 2 {
		t.Errorf("the history %+v", got)
	}
}

// What was seen since, and what the run went back from, is right behind what a
// worker remembers; who knew of something before is told of all.
func TestRemembered(t *testing.T) {
	b, clock, s := boardOf(1)
	s = play(b, clock, s, joins(1)...)
	s = play(b, clock, s, stepReported{1, report(5, time.Millisecond)}, evaluated{1, &api.Evaluated{Step: 6, Loss: 1, Outcome: []byte(`{"step":6}`)}})
	s = play(b, clock, s, stepReported{1, report(6, time.Millisecond)})
	before := b.Status().Next
	if conn, ok := b.lacksPast(); !ok || conn != 1 {
		t.Errorf("it lacks steps: %v of worker %d", ok, conn)
	}
	if _, again := b.lacksPast(); again {
		t.Error("it asks twice for the same")
	}
	var l history.Loader
	if _, err := l.Write(history.AppendOutcome(pastOf(t, 20, 4), 4, []byte(`{"step":4}`))); err != nil {
		t.Fatal(err)
	}
	b.remembered(&l)
	got, st := b.Series(history.Query{}), b.Status().Since(before)
	if got.End != 7 || len(got.Steps) != 7 || !st.Whole || len(st.Evaluations) != 2 || st.Evaluations[0].Step != 4 || len(st.Events) == 0 {
		t.Errorf("%+v; %+v", got, st)
	}
	if text, steps := b.outcome(0); !slices.Equal(steps, []uint64{4, 6}) || string(text) != `{"step":6}` || !st.Evaluations[1].Outcome {
		t.Errorf("what evaluations showed: %v, %s", steps, text)
	}
	play(b, clock, s, stepReported{1, report(7, time.Millisecond)})
	if _, lacks := b.lacksPast(); lacks {
		t.Error("it lacks steps that it has")
	}
}

// A history that a program with other columns has written goes on with those of
// this one; a worker that does not tell is asked once more.
func TestRecallOfOtherColumns(t *testing.T) {
	c := start(t, testConfig(t, 1))
	f := joinAll(t, c, 1)[0]
	f.step(1)
	answer := func(a *api.Recalled) {
		t.Helper()
		q := f.recv().GetRecall()
		if q == nil {
			t.Fatal("it does not ask")
		}
		a.Id = q.Id
		f.send(&api.FromWorker{Message: &api.FromWorker_Recalled{Recalled: a}})
	}
	answer(&api.Recalled{Error: "the directory is away"})
	f.step(2)
	w, err := history.NewWriter("norm", "gone")
	if err != nil {
		t.Fatal(err)
	}
	w.Add(1, time.Unix(1, 0), []float32{7, 8})
	frames, err := history.AppendNote(w.Take(), history.Note{Evaluation: &api.Evaluation{Step: 1}})
	if err != nil {
		t.Fatal(err)
	}
	answer(&api.Recalled{Data: frames, Next: 1})
	answer(&api.Recalled{})
	await(t, c, "an evaluation from before", func(s api.Status) bool { return len(s.Evaluations) == 1 })
	f.step(3)
	await(t, c, "step 4", func(s api.Status) bool { return s.Step == 4 })
	got := c.Series(history.Query{})
	if norm := got.Columns["norm"]; !slices.Equal(got.Steps, []uint64{1, 2, 3, 4}) || norm.Last[0] != 7 || got.Columns["loss"].Last[3] != 2 {
		t.Errorf("the history %+v, norm %+v", got, norm)
	}
}

// A worker that says more than a piece at once is refused.
func TestRecalledIsBounded(t *testing.T) {
	m := &api.FromWorker{Message: &api.FromWorker_Recalled{Recalled: &api.Recalled{Data: make([]byte, maxPiece+1)}}}
	if err := checkMessage(m, 10); err == nil || !strings.Contains(err.Error(), "recalled.data") {
		t.Error(err)
	}
}
