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
	p := newProgress(&out, &errout, false)
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

func TestStandText(t *testing.T) {
	s := api.Status{Step: 3, Steps: 9, Rate: 5, BitsPerChar: 7.9, SecondsLeft: 6, Phase: api.PhaseStopping}
	if got, want := standText(s), " 3/9  7.900 bits/byte  5 byte/s  saving"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := standText(api.Status{Steps: 9}), " 0/9"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
