package coordinator

import (
	"errors"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// The status tells who waits for whom, in what and for how long, and what is on the way.
func TestStatusTellsOfLinks(t *testing.T) {
	b, clock, s := boardOf(2)
	s = play(b, clock, s, joins(2)...)
	generation := s.View.Generation
	if generation == 0 {
		t.Fatal("no view")
	}
	beat := func(conn uint64, blocked bool, sent, received int64, awaits ...*api.Await) heartbeat {
		return heartbeat{conn, &api.Heartbeat{Generation: generation, Doing: api.Doing_STEPPING, Blocked: blocked, Sent: sent, Received: received, Next: true, Prev: true, Awaits: awaits}}
	}
	s = play(b, clock, s, beat(2, false, 4, 2),
		beat(1, true, 5, 4, &api.Await{Step: 4, What: "bucket 0", SinceNs: 1e9}, &api.Await{Step: 3, What: "bucket 2", SinceNs: 2e9}))
	w := b.Status().Workers
	if w[0].Next != "worker-1" || w[0].Queued != 3 || w[1].Next != "worker-0" || w[1].Queued != 0 || w[1].Waits != nil {
		t.Errorf("links %+v", w)
	}
	if got, want := w[0].Waits, (api.Waits{On: "worker-1", In: "bucket 2", Step: 3, Seconds: 2}); got == nil || *got != want {
		t.Errorf("worker-0 waits %+v, want %+v", got, want)
	}
	told := beat(1, false, 9, 9)
	told.Beat.Link, told.Beat.Resident, told.Beat.MemoryLimit = &api.LinkFigures{RttNs: 2e6, RttDeviationNs: 1e6, Retransmits: 7}, 3<<30, 4<<30
	s = play(b, clock, s, told)
	if w := b.Status().Workers; w[0].Link == nil || *w[0].Link != (api.Link{RTT: 0.002, Deviation: 0.001, Retransmits: 7}) || w[0].Memory != 3<<30 || w[0].Limit != 4<<30 || w[1].Link != nil {
		t.Errorf("figures of the link and of memory: %+v", w)
	}
	// What was told of another ring is not of this one.
	generation++
	play(b, clock, s, beat(1, true, 9, 9, &api.Await{What: "bucket 0"}))
	if w := b.Status().Workers[0]; w.Waits != nil || w.Queued != 0 || w.Link != nil {
		t.Errorf("of another generation: %+v", w)
	}
}

// A worker's share of its ceiling is that of whole steps: the operations are the step's, the ceiling the heartbeat's.
func TestShareOfTheCeiling(t *testing.T) {
	b, clock, s := boardOf(1)
	s = play(b, clock, s, joins(1)...)
	const share = `rondo_worker_flops_ratio{worker="worker-0"}`
	report := func(step uint64) stepReported {
		return stepReported{1, &api.StepReport{Step: step, TotalNs: 4e6, ComputeNs: 2e6, Operations: 2e8}}
	}
	s = play(b, clock, s, report(0))
	if w := b.Status().Workers[0]; w.Operations != 2e8 || w.Ceiling != 0 || w.Share != 0 {
		t.Errorf("the ceiling is not known: %+v", w)
	}
	if _, there := scrape(t, b)[share]; there {
		t.Error("a share of no ceiling has a series")
	}
	play(b, clock, s, heartbeat{1, &api.Heartbeat{Generation: s.View.Generation, Doing: api.Doing_STEPPING, Ceiling: 1e11}}, report(1))
	w := b.Status().Workers[0]
	if !near(w.Operations, 2e8) || w.Ceiling != 1e11 || !near(w.Share, 0.5) {
		t.Errorf("2e8 operations in 4 ms, of 1e11 a second: %+v", w)
	}
	m := scrape(t, b)
	if !near(m[share], 0.5) || m[`rondo_worker_ceiling_flops{worker="worker-0"}`] != 1e11 {
		t.Errorf("series %v of %v", m[share], m[`rondo_worker_ceiling_flops{worker="worker-0"}`])
	}
}

// No speed is out of bounds.
func TestSpeedsAreChecked(t *testing.T) {
	for _, x := range []float64{-1, math.NaN(), math.Inf(1), 1e300} {
		if checkBeat(&api.Heartbeat{Ceiling: x}) == nil {
			t.Errorf("a ceiling of %v is admitted", x)
		}
		if checkStep(&api.StepReport{Operations: x}, 1) == nil {
			t.Errorf("a step of %v operations is admitted", x)
		}
	}
	if err := errors.Join(checkBeat(&api.Heartbeat{Ceiling: 1e12}), checkStep(&api.StepReport{Operations: 1e12}, 1)); err != nil {
		t.Error(err)
	}
}
