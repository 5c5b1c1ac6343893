package layers

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers/layerstest"
	"github.com/rondo-ml/rondo/nn/health"
)

func TestPast(t *testing.T) {
	var l Past
	if l.Add(layerstest.Measured(1, 1)) {
		t.Error("a measurement of an unknown network was taken")
	}
	l.Describe(layerstest.TwoLayers())
	if h := l.All(); h.Step != 0 || len(h.Layers) != 3 || h.Layers[0].Level != "good" {
		t.Errorf("before any measurement: %+v", h)
	}
	if l.Add(&api.Health{Step: 1, Layers: make([]*api.LayerHealth, 2)}) {
		t.Error("a measurement of two layers of three was taken")
	}
	l.Add(layerstest.Measured(10, 1))
	h := l.All()
	if h.Step != 10 || h.Cost != 0.005 || h.Layers[0].Name != "conv" {
		t.Fatalf("%+v", h)
	}
	conv, bn := h.Layers[0], h.Layers[1]
	if math.Abs(float64(conv.Ratio)+3) > 1e-9 || math.Abs(float64(conv.Gradient)-math.Sqrt2) > 1e-9 || conv.Weight != 2 || conv.Zeros != 0.25 || conv.Dead != 0 || conv.Time != 0.005 {
		t.Errorf("conv: %+v", conv)
	}
	if bn.Ratio.Finite() || bn.Time.Finite() || bn.Gradient != 1 {
		t.Errorf("a layer without matrices: %+v", bn)
	}
	g := l.Graph()
	if len(g.Layers) != 3 || g.Layers[0].Count != 8*27+8 || g.Layers[2].Count != 1280 {
		t.Errorf("graph: %+v", g)
	}
}

// The worst layers come first, each with the rule that says why.
func TestWorstLayersFirst(t *testing.T) {
	var l Past
	l.Describe(layerstest.TwoLayers())
	bad := layerstest.Measured(5, 1)
	bad.Layers[2].Parameters[0].Update.Norm = 1 // half of the weights
	bad.Layers[0].Dead = 6
	l.Add(bad)
	got := l.All().Layers
	if got[0].Name != "conv" || got[0].Rule != "dead units" || got[0].Level != "bad" || got[1].Name != "fc" || got[1].Rule != "update too large" || got[2].Level != "good" {
		t.Errorf("%+v", got)
	}
	l.Spoiled(6, "fc.weight")
	if got := l.All().Layers[0]; got.Name != "conv" { // both are bad: in the order in which they are computed
		t.Errorf("%+v", got)
	}
	h, _ := l.History("fc")
	if h.Rule != "first not finite" || h.Level != health.Bad.String() {
		t.Errorf("%+v", h.LayerSigns)
	}
	if _, there := l.History("nobody"); there {
		t.Error("a layer that does not exist has a history")
	}
}

// A sudden gradient is told from its own past.
func TestExplodingLayer(t *testing.T) {
	var l Past
	l.Describe(layerstest.TwoLayers())
	for step := range uint64(7) {
		l.Add(layerstest.Measured(step+1, 1))
	}
	l.Add(layerstest.Measured(8, 60))
	if got := l.All().Layers[0]; got.Rule != "exploding" {
		t.Errorf("%+v", got)
	}
}

// One spike stays to be seen, however long the run; what the run writes over goes.
func TestPastIsBounded(t *testing.T) {
	var l Past
	l.Describe(layerstest.TwoLayers())
	const steps = 20_000
	for step := uint64(1); step <= steps; step++ {
		gradient := 1.0
		if step == 777 {
			gradient = 99
		}
		l.Add(layerstest.Measured(step, gradient))
	}
	h, _ := l.History("fc")
	col := h.Columns["gradient"]
	if n := len(h.Steps); n > maxLayerRecords || n < maxLayerRecords/2 || h.Steps[n-1] != steps || l.size > maxLayerBytes {
		t.Errorf("%d records to step %d, %d bytes", n, h.Steps[n-1], l.size)
	}
	if !slices.Contains(col.Max, 99) || slices.Contains(col.Last, 99) || slices.Min(col.Min) != 1 || len(col.Min) != len(h.Steps) {
		t.Errorf("the spike of step 777 is lost: at most %v", slices.Max(col.Max))
	}
	if len(h.Parameters["fc.weight"].Update) != len(h.Steps) || len(h.Output) != len(h.Steps) {
		t.Error("distributions are not one for each step")
	}
	l.Add(layerstest.Measured(100, 1))
	if h, _ := l.History("fc"); h.Steps[len(h.Steps)-1] != 100 || len(h.Steps) > 4 {
		t.Errorf("after the run went back: steps %v", h.Steps)
	}
	size := 0
	for _, r := range l.records {
		size += r.size
	}
	if size != l.size {
		t.Errorf("%d bytes are counted, there are %d", l.size, size)
	}
	other := layerstest.TwoLayers()
	other.Layers = other.Layers[:2]
	if l.Describe(other); len(l.records) != 0 || l.size != 0 {
		t.Error("records of another network stay")
	}
}

// Cut keeps what was measured up to a step: all of it where nothing can be behind.
func TestPastCut(t *testing.T) {
	var l Past
	l.Describe(layerstest.TwoLayers())
	l.Add(layerstest.Measured(10, 1))
	l.Add(layerstest.Measured(20, 1))
	for _, c := range []struct{ step, newest uint64 }{{math.MaxUint64, 20}, {20, 20}, {19, 10}, {9, 0}} {
		l.Cut(c.step)
		if h := l.All(); h.Step != c.newest {
			t.Errorf("cut behind %d: the newest is of step %d, want %d", c.step, h.Step, c.newest)
		}
	}
}
