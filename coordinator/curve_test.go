package coordinator

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// However long a run is, its history is bounded, in order, evenly thinned, and
// what follows a step is what follows it.
func TestCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h curve
		steps := rapid.Uint64Range(1, 20000).Draw(t, "steps")
		for s := uint64(1); s <= steps; s++ {
			h.add(api.Point{Step: s})
		}
		all := h.since(0).Points
		if len(all) > maxPoints || uint64(len(all)) < min(steps, maxPoints/2) {
			t.Fatalf("%d points of %d steps", len(all), steps)
		}
		for i, p := range all {
			if p.Step != uint64(i+1)<<h.shift {
				t.Fatalf("point %d is of step %d, thinned by 2^%d", i, p.Step, h.shift)
			}
		}
		since := rapid.Uint64Range(0, steps).Draw(t, "since")
		c := h.since(since)
		if want := len(all) - int(since>>h.shift); len(c.Points) != want {
			t.Fatalf("%d points after step %d, want %d", len(c.Points), since, want)
		}
		if len(c.Points) == 0 && c.Next != since || len(c.Points) > 0 && c.Next != c.Points[len(c.Points)-1].Step {
			t.Fatalf("next is %d after step %d", c.Next, since)
		}
	})
}

// A run that goes back writes its history anew from there.
func TestCurveGoesBack(t *testing.T) {
	var h curve
	for _, s := range []uint64{1, 2, 3, 4, 3, 4, 5} {
		h.add(api.Point{Step: s, Loss: api.Number(len(h.points))})
	}
	c := h.since(2)
	if len(c.Points) != 3 || c.Points[0].Step != 3 || c.Points[2].Step != 5 || c.Next != 5 {
		t.Errorf("curve %+v", c)
	}
	if c := h.since(math.MaxUint64); len(c.Points) != 0 || c.Next != math.MaxUint64 {
		t.Errorf("after the last step there can be: %+v", c)
	}
}

// A step that was not finite stays, however much is thinned around it.
func TestCurveKeepsWhatIsNotFinite(t *testing.T) {
	var h curve
	for s := uint64(1); s <= 20000; s++ {
		p := api.Point{Step: s}
		if s == 7777 {
			p.Norm = api.Number(math.NaN())
		}
		h.add(p)
	}
	kept := 0
	for _, p := range h.since(0).Points {
		if !p.Finite() && p.Step == 7777 {
			kept++
		}
	}
	if kept != 1 || h.shift == 0 {
		t.Errorf("it is there %d times, thinned by 2^%d", kept, h.shift)
	}
}

// An average is right from its first value on, and follows the newest ones.
func TestAverage(t *testing.T) {
	var a average
	if a.mean() != 0 {
		t.Error("of nothing:", a.mean())
	}
	a.add(5)
	if a.mean() != 5 {
		t.Error("of one value:", a.mean())
	}
	for range 100 {
		a.add(7)
	}
	if math.Abs(a.mean()-7) > 1e-3 {
		t.Error("after 100 values of 7:", a.mean())
	}
}
