package coordinator

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

func TestPlannedFollowsTheSchedule(t *testing.T) {
	f := runfile.Default("plan")
	f.Steps, f.Schedule.Kind, f.Schedule.Warmup, f.Optimizer.LR = 10_000, "linear", 333, 0.5
	rates := planned(f)
	if len(rates) > plannedPoints+3 {
		t.Errorf("%d points, want about %d", len(rates), plannedPoints)
	}
	bend := false
	for i, r := range rates {
		if i > 0 && r.Step <= rates[i-1].Step {
			t.Errorf("point %d is of step %d, after step %d", i, r.Step, rates[i-1].Step)
		}
		if want := f.Rates().LR(r.Step); r.LR != want {
			t.Errorf("step %d: rate %g, want %g", r.Step, r.LR, want)
		}
		bend = bend || r.Step == 333
	}
	if first, last := rates[0], rates[len(rates)-1]; first.Step != 0 || last.Step != 9_999 || !bend {
		t.Errorf("points from step %d to %d, end of the warm-up among them: %v; want 0, 9999, true", first.Step, last.Step, bend)
	}
	for _, over := range []int{600, 90_000} { // a decay that ends before the run, and one behind it
		f.Schedule.Over = over
		bend, rates := false, planned(f)
		for _, r := range rates {
			bend = bend || r.Step == 600
		}
		if last := rates[len(rates)-1]; last.Step != 9_999 || last.LR != f.Rates().LR(9_999) || bend != (over == 600) {
			t.Errorf("a decay over %d steps: the last point is %+v, the end of the decay among them: %v", over, last, bend)
		}
	}
	f.Steps, f.Schedule.Warmup, f.Schedule.Over = 1, 0, 0
	if rates := planned(f); len(rates) != 1 {
		t.Errorf("a run of one step has %d points", len(rates))
	}
}
