package coordinator

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// pass lets time pass for a board, in ticks of a second.
func pass(b *board, clock *handClock, s state, d time.Duration) state {
	for range d / time.Second {
		s = play(b, clock, s, tick{})
	}
	return s
}

// trains has a run of so many workers make steps, each a second long.
func trains(workers, steps int) (*board, *handClock, state) {
	b, clock, s := boardOf(workers)
	s = play(b, clock, s, joins(workers)...)
	for step := range uint64(steps) {
		s = play(b, clock, s, stepReported{1, report(step, time.Millisecond)})
	}
	return b, clock, s
}

// alive says something of the workers, so that none is taken for lost.
func alive(workers int) (all []event) {
	for i := range workers {
		all = append(all, heartbeat{Conn: uint64(i + 1)})
	}
	return all
}

func TestStandsStill(t *testing.T) {
	b, clock, s := trains(1, 20)
	if st := b.Status(); st.Rate == 0 || st.SecondsLeft == 0 || st.Alarm(api.AlarmStalled) != nil {
		t.Fatalf("while it trains: %+v", st)
	}
	last := clock.Now()
	for range 3 {
		s = pass(b, clock, s, 4*time.Second)
		s = play(b, clock, s, alive(1)...)
	}
	st := b.Status()
	a := st.Alarm(api.AlarmStalled)
	if st.Phase != api.PhaseTraining || st.Rate != 0 || st.SecondsLeft != 0 || a == nil || !a.Since.Equal(last) {
		t.Fatalf("while it stands still since %v: %+v", last, st)
	}
	if want := "training stands still: no step since 00:00:21 UTC, where one usually takes 1s"; a.What != want {
		t.Errorf("alarm %q, want %q", a.What, want)
	}
	if !happened("training stands still")(st) {
		t.Errorf("events %+v", st.Events)
	}
	s = play(b, clock, s, stepReported{1, report(20, time.Millisecond)}, tick{})
	if st := b.Status(); st.Rate == 0 || st.Alarm(api.AlarmStalled) != nil || !happened("training goes on")(st) {
		t.Errorf("when it goes on: %+v", st)
	}
	// A wish for a stop does not hide it; a run that has ended stands still for good.
	s = play(b, clock, s, stopAsked{Reason: "a test"})
	for range 10 {
		s = pass(b, clock, s, 4*time.Second)
		s = play(b, clock, s, alive(1)...)
	}
	if st := b.Status(); st.Phase != api.PhaseStopping || st.Alarm(api.AlarmStalled) == nil {
		t.Errorf("while a stop waits for a step: %+v", st)
	}
	s = play(b, clock, s, workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
	pass(b, clock, s, time.Minute)
	if st := b.Status(); st.Phase != api.PhaseFailed || len(st.Alarms) != 0 {
		t.Errorf("after the end: %+v", st)
	}
}

func TestDiverges(t *testing.T) {
	b, clock, s := trains(1, 10) // at 2 nats
	next := uint64(10)
	step := func(losses ...float64) *api.Alarm {
		for _, loss := range losses {
			r := report(next, time.Millisecond)
			r.Loss = loss
			s = play(b, clock, s, stepReported{1, r})
			next++
		}
		st := b.Status()
		return st.Alarm(api.AlarmDiverging)
	}
	if a := step(1e25, 2, 2, 3.9, 3.9, 3.9); a != nil {
		t.Errorf("one wild step: %+v", a)
	}
	a := step(5, 1e3, 6e25)
	if a == nil || !strings.Contains(a.What, "the loss is 8.66e+25 bits, and was 2.89 where the run began") {
		t.Errorf("loss of 6e25: %+v", a)
	}
	if a := step(2, 2, 2); a != nil {
		t.Errorf("after it came back: %+v", a)
	}
	s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: next, Loss: math.NaN()}})
	if a := step(); a == nil || !strings.Contains(a.What, "held-out loss is not finite") {
		t.Errorf("held-out loss not finite: %+v", a)
	}
	s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: next + 1, Loss: 2}})
	if a := step(); a != nil {
		t.Errorf("after a finite one: %+v", a)
	}
}

// A loss that is no number of bits is measured by where it began, whatever its size.
func TestPlainLossDiverges(t *testing.T) {
	b, clock, s := boardOf(1)
	s.plan.PlainLoss = true
	s = play(b, clock, s, joins(1)...)
	loss := func(from uint64, x float64) *api.Alarm {
		for step := from; step < from+5; step++ {
			r := report(step, time.Millisecond)
			r.Loss = x
			s = play(b, clock, s, stepReported{1, r})
		}
		st := b.Status()
		return st.Alarm(api.AlarmDiverging)
	}
	if a := loss(0, 2e6); a != nil {
		t.Errorf("a loss that begins at 2e6: %+v", a)
	}
	if a := loss(5, 9e7); a == nil || !strings.Contains(a.What, "the loss is 9e+07, and was 2e+06 where the run began") {
		t.Errorf("loss of 9e7: %+v", a)
	}
}

// The step that was not finite ends the run, and is in its history.
func TestNotFiniteInTheHistory(t *testing.T) {
	b, clock, s := trains(1, 10)
	s = play(b, clock, s, workerFailed{1, &api.Failed{Kind: api.Failed_NON_FINITE, Step: 3, Error: "step 10: the loss of lane 0 is not finite"}})
	play(b, clock, s, workerFailed{1, &api.Failed{Kind: api.Failed_NON_FINITE, Step: 3, Error: "again"}})
	got := b.Series(history.Query{From: 10})
	if bad := got.Columns["loss"].Bad; !slices.Equal(got.Steps, []uint64{10, 11}) || !slices.Equal(bad, []uint64{0, 1}) {
		t.Errorf("steps %d, not finite %d", got.Steps, bad)
	}
}

func TestSlowWorker(t *testing.T) {
	b, clock, s := boardOf(3) // lanes: 2, 1, 1
	s = play(b, clock, s, append(joins(3), tick{})...)
	step := func(from, to uint64, times ...time.Duration) api.Status {
		for n := from; n < to; n++ {
			for i, d := range times {
				r := report(n, time.Millisecond)
				r.ComputeNs, r.TotalNs = int64(d), int64(80*time.Millisecond)
				s = play(b, clock, s, stepReported{uint64(i + 1), r})
			}
			s = play(b, clock, s, tick{})
		}
		return b.Status()
	}
	const ms = time.Millisecond
	if st := step(0, 30, 40*ms, 20*ms, 22*ms); len(st.Alarms) != 0 {
		t.Errorf("each as fast on a lane: %+v", st.Alarms)
	}
	st := step(30, 90, 40*ms, 40*ms, 20*ms)
	a := st.Alarm(api.AlarmSlow)
	if a == nil || !strings.HasPrefix(a.What, "worker-1 is slow: it computes 2.0 times as long on a lane") || len(st.Alarms) != 1 {
		t.Errorf("one twice as slow: %+v", st.Alarms)
	}
	if w := st.Workers; !(w[1].Slow > 1.9) || w[0].Slow != 0 || w[2].Slow != 0 || !happened("worker-1 is slow")(st) {
		t.Errorf("workers %+v", w)
	}
	if st := step(90, 99, 40*ms, 20*ms, 20*ms); st.Workers[1].Slow != 0 && st.Workers[1].Slow > 2 {
		t.Errorf("when it is faster again: %+v", st.Workers[1])
	}
	// Twice as long for next to nothing holds nobody up.
	b, clock, s = boardOf(2)
	s = play(b, clock, s, joins(2)...)
	if st := step(0, 60, 2*ms, ms); len(st.Alarms) != 0 {
		t.Errorf("a millisecond of eighty: %+v", st.Alarms)
	}
}

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 31*time.Microsecond + 7: "31µs", 1234567 * time.Nanosecond: "1.23ms", 104 * time.Millisecond: "104ms",
		2512 * time.Millisecond: "2.51s", 95_400 * time.Millisecond: "1m35.4s"} {
		if got := spoken(d); got != want {
			t.Errorf("%v is spoken %q, want %q", d, got, want)
		}
	}
}
