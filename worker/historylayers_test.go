package worker

import (
	"log/slog"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

var oneLayer = &api.Network{Layers: []*api.Layer{{Name: "fc", Kind: "linear", Parameters: []*api.Parameter{{Name: "fc.weight", Shape: []int32{2, 3}}}}}}

// healthAt is how that layer fares in a step.
func healthAt(step uint64) *api.Health {
	return &api.Health{Step: step, Layers: []*api.LayerHealth{{Parameters: []*api.ParameterHealth{{
		Weight: &api.Distribution{Count: 4, Norm: 2}, Gradient: &api.Distribution{Count: 4, Norm: float64(step)}, Update: &api.Distribution{Count: 4, Norm: 0.002}}}}}}
}

// Of a run whose layers are measured in each step the history has some, the first and the last among them, closer at its
// beginning. What was measured behind the step from which the run went on counts no more.
func TestHistoryOfLayers(t *testing.T) {
	dir := t.TempDir()
	s := saverOf(dir, slog.New(slog.DiscardHandler))
	s.first.Store(true)
	const steps = 10_000
	view := func(from, to uint64, end error) {
		s.history.begin(from, &api.Run{Name: "r"})
		s.history.described(oneLayer)
		for step := from + 1; step <= to; step++ {
			s.history.measured(healthAt(step), steps)
			s.idle()
		}
		s.history.end(to, end)
		s.idle()
	}
	view(0, 3001, &NonFiniteError{Step: 3001, Where: "fc.weight"})
	l := readHistory(t, dir)
	if step, where := l.Layers.FirstSpoiled(); step != 3002 || where != "fc.weight" {
		t.Errorf("the first that was not finite: %q in step %d", where, step)
	}
	view(2000, 2005, nil)
	s.told()
	l = readHistory(t, dir)
	if _, where := l.Layers.FirstSpoiled(); where != "" {
		t.Errorf("%q is said to be not finite, and the run went back", where)
	}
	if g := l.Layers.Graph(); len(g.Layers) != 1 || g.Layers[0].Count != 6 {
		t.Errorf("the network: %+v", g)
	}
	h, _ := l.Layers.History("fc")
	n := len(h.Steps)
	if n < 60 || n > 160 || h.Steps[0] != 1 || h.Steps[15] != 16 || h.Steps[n-1] != 2005 || h.Columns["gradient"].Last[n-1] != 2005 {
		t.Errorf("%d measured steps: %v", n, h.Steps)
	}
	s.drain()
}

// However long a run and however large its network, what is written of its layers has a bound.
func TestMeasuredGap(t *testing.T) {
	for _, c := range []struct {
		steps uint64
		size  int
		most  int
	}{{100, 1000, 100}, {1_000_000, 1000, 500}, {1_000_000, 1 << 20, 60}, {1_000_000_000, 1000, 700}} {
		n := 0
		for step := uint64(1); step <= c.steps; step += measuredGap(step, c.steps, c.size) {
			n++
		}
		if n > c.most || n < c.most/3 {
			t.Errorf("of %d steps with %d bytes each %d are written", c.steps, c.size, n)
		}
	}
}
