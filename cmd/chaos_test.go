package cmd

import (
	"slices"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestFaultPlan draws a schedule twice from one seed, and once from another.
func TestFaultPlan(t *testing.T) {
	kinds, err := parseFaults("kill,stop,two")
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed uint64) (all []fault) {
		p := newFaultPlan(seed, kinds, 10*time.Second)
		for range 50 {
			all = append(all, p.next())
		}
		return all
	}
	first := draw(7)
	if !slices.Equal(first, draw(7)) {
		t.Error("one seed gave two schedules")
	}
	if slices.Equal(first, draw(8)) {
		t.Error("two seeds gave one schedule")
	}
	for _, f := range first {
		if f.after < 5*time.Second || f.after > 15*time.Second || f.frozen < leastFrozen || f.frozen > mostFrozen || !slices.Contains(kinds, f.kind) {
			t.Errorf("%+v", f)
		}
	}
	if _, err := parseFaults("kill,burn"); err == nil {
		t.Error("a fault that is none was taken")
	}
}

// TestStepMeter plays a run that loses a worker and gets one again.
func TestStepMeter(t *testing.T) {
	var m stepMeter
	began := time.Now()
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	see := func(ms int, step, generation uint64) *takenFault {
		return m.observe(at(ms), api.Status{Step: step, Generation: generation})
	}
	see(0, 0, 1)
	see(100, 1, 1)
	see(200, 2, 1)
	m.fault(at(250), "kill", api.Status{Step: 2, Generation: 1})
	see(300, 3, 1) // was under way
	see(700, 3, 2)
	if f := see(900, 4, 2); f == nil || f.recovered != 650*time.Millisecond || f.kind != "kill" {
		t.Errorf("recovered: %+v", f)
	}
	if f := see(1000, 5, 3); f != nil {
		t.Errorf("recovered twice: %+v", f)
	}
	m.fault(at(1050), "stop", api.Status{Step: 5, Generation: 3})
	see(1400, 6, 3)
	if m.longest != 600*time.Millisecond {
		t.Errorf("the longest pause is %v", m.longest)
	}
	if got := m.recoveries(); !slices.Equal(got, []time.Duration{650 * time.Millisecond}) {
		t.Errorf("recoveries %v", got)
	}
	if got := m.rate(); got < 3.8 || got > 3.9 { // 5 steps in 1.3 s
		t.Errorf("%v steps/s", got)
	}
	times := []time.Duration{1, 2, 3, 4}
	if quantile(times, 0.5) != 3 || quantile(times, 0.99) != 4 {
		t.Error("quantiles")
	}
}

// TestChaosFlags tries values that are wrong.
func TestChaosFlags(t *testing.T) {
	digest := "35f3a3970d99ea95b3740d68cbadfb1761f0b8c4d055ee9a14fca1a301eadc3e"
	for _, o := range []chaosOptions{
		{faults: "", every: time.Second},
		{faults: "kill", every: 0},
		{faults: "kill", every: time.Second, calm: "abc"},
		{faults: "kill", every: time.Second, calm: digest + "@0"},
		{faults: "kill", every: time.Second, calm: digest, lasts: time.Minute},
	} {
		if err := o.parse(true); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	o := chaosOptions{faults: "kill", every: time.Second, calm: digest + "@12"}
	if err := o.parse(true); err != nil || o.calmStep != 12 {
		t.Errorf("step %d, %v", o.calmStep, err)
	}
}
