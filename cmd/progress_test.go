package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestLines follows a run whose output is no terminal: a line at the first
// step, every linesEvery, and at the end.
func TestLines(t *testing.T) {
	var out, errout strings.Builder
	p := newProgress(&out, &errout, troubles{})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := api.Status{Steps: 400, Phase: api.PhaseTraining, Rate: 34_100, BitsPerChar: 2.4134, SecondsLeft: 70}
	show := func(after time.Duration, step uint64, events ...api.Event) {
		s.Now, s.Step = start.Add(after), step
		s.Events = append(s.Events, events...)
		p.show(s)
	}
	show(0, 0)
	show(time.Second, 1)
	show(2*time.Second, 2)
	show(7*time.Second, 120)
	show(8*time.Second, 130, api.Event{At: start, Level: "error", What: "the checkpoint of step 100 was abandoned: disk full", Reason: "training goes on"},
		api.Event{At: start.Add(1), Level: "info", What: "worker-0 joined"}, api.Event{At: start.Add(2), Level: "error", What: "failed", Reason: "told at the end"})
	show(9*time.Second, 140)
	s.SecondsLeft = 0
	show(10*time.Second, 400)
	p.done()
	want := "step 1/400  2.413 bits/byte  34.1k byte/s  1m10s left\n" +
		"step 120/400  2.413 bits/byte  34.1k byte/s  1m10s left\n" +
		"step 400/400  2.413 bits/byte  34.1k byte/s\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	want = "rondo: the checkpoint of step 100 was abandoned: disk full (training goes on)\n"
	if errout.String() != want {
		t.Errorf("on standard error\n%swant\n%s", errout.String(), want)
	}
}

// Each change of the ring has one line, and so has a wait for workers; the first ring has none.
func TestRingLines(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var s api.Status
	for i, e := range []api.Event{
		{Level: "info", What: "worker-1 joined from here"},
		{Level: "info", What: "starting", Reason: "2 workers joined: the ring of generation 1 forms"},
		{Level: "info", What: "training", Reason: "from step 0 under generation 1, 2 workers"},
		{Level: "warn", What: "the stream of worker-1 broke: end of file; it may come again, and training goes on"},
		{Level: "warn", What: "the ring changes", Reason: "worker-1 was lost at step 3 (killed by signal 9); generation 2 goes on with 1 worker"},
		{Level: "info", What: "the ring changes", Reason: "worker-1 joined; generation 3 goes on with 2 workers"},
		{Level: "warn", What: "waiting", Reason: "worker-0 was lost at step 9 (killed by signal 9): 1 of at least 2 workers"},
		{Level: "info", What: "starting", Reason: "2 workers joined: the ring of generation 4 forms"},
	} {
		e.At = start.Add(time.Duration(i))
		s.Events = append(s.Events, e)
	}
	var out, errout strings.Builder
	p := newProgress(&out, &errout, troubles{})
	p.show(s)
	p.show(s)
	want := "rondo: worker-1 was lost at step 3 (killed by signal 9); generation 2 goes on with 1 worker\n" +
		"rondo: worker-1 joined; generation 3 goes on with 2 workers\n" +
		"rondo: worker-0 was lost at step 9 (killed by signal 9): 1 of at least 2 workers\n"
	if errout.String() != want {
		t.Errorf("on standard error\n%swant\n%s", errout.String(), want)
	}
}

// An evaluation is a line with its loss and the foremost measure, once.
func TestEvaluationLines(t *testing.T) {
	var out, errout strings.Builder
	p := newProgress(&out, &errout, troubles{})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := api.Status{Steps: 400, Run: api.Run{Sample: "image", PlainLoss: true}}
	show := func(after time.Duration, step uint64, evaluations ...api.Evaluation) {
		s.Now, s.Step, s.Evaluations = start.Add(after), step, append(s.Evaluations, evaluations...)
		p.show(s)
	}
	right := func(share api.Number) []api.Measure {
		return []api.Measure{{Name: "accuracy", Value: share, Unit: "share"}, {Name: "top-5", Value: 1, Unit: "share"}}
	}
	show(0, 0)
	show(time.Second, 100, api.Evaluation{Step: 100, Loss: 0.25, Measures: right(0.5)})
	show(2*time.Second, 250)
	show(3*time.Second, 310, api.Evaluation{Step: 200, Loss: 0.125, Measures: right(0.75)}, api.Evaluation{Step: 300, Loss: 0.0625, Measures: right(0.9912)})
	want := "step 100/400  held-out loss 0.25, 50.00 % right\nstep 100/400\n" +
		"step 200/400  held-out loss 0.125, 75.00 % right\nstep 300/400  held-out loss 0.0625, 99.12 % right\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	if got, want := barText(s), " 310/400  held-out loss 0.0625, 99.12 % right"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Run, s.Evaluations = api.Run{}, []api.Evaluation{{Step: 300, BitsPerChar: 1.5}}
	if got, want := barText(s), " 310/400  held-out 1.500 bits/byte"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStandText(t *testing.T) {
	s := api.Status{Step: 3, Steps: 9, Rate: 5, BitsPerChar: 7.9, SecondsLeft: 6, Phase: api.PhaseStopping}
	if got, want := standText(s), " 3/9  7.900 bits/byte  5 byte/s  saving"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := standText(api.Status{Steps: 9}), " 0/9"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
