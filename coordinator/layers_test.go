package coordinator

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/health"
)

// twoLayers is a network of a convolution and a linear layer behind a rectifier, and a norm without matrices.
func twoLayers() *api.Network {
	return &api.Network{Layers: []*api.Layer{
		{Name: "conv", Kind: "conv2d", Inputs: []int32{-1}, Shape: []int32{4, 4, 8}, Rectifies: true, Parameters: []*api.Parameter{{Name: "conv.weight", Shape: []int32{8, 3, 3, 3}}, {Name: "conv.bias", Shape: []int32{8}}}},
		{Name: "bn", Kind: "batch norm", Inputs: []int32{0}, Parameters: []*api.Parameter{{Name: "bn.weight", Shape: []int32{8}}}},
		{Name: "fc", Kind: "linear", Inputs: []int32{1}, Shape: []int32{10}, Parameters: []*api.Parameter{{Name: "fc.weight", Shape: []int32{10, 128}}}},
	}}
}

// measured is a step in which the updates of both matrices are a thousandth of them, and their gradient has a norm.
func measured(step uint64, gradient float64) *api.Health {
	of := func(norm float64) *api.Distribution {
		return &api.Distribution{Count: 4, Norm: norm, Quantiles: []float32{1}}
	}
	parameter := func() *api.ParameterHealth {
		return &api.ParameterHealth{Weight: of(2), Gradient: of(gradient), Update: of(0.002)}
	}
	return &api.Health{Step: step, CostNs: 5e6, Layers: []*api.LayerHealth{
		{Output: &api.Distribution{Count: 8, Zeros: 2, Mean: 1}, Units: 8, ForwardNs: 2e6, BackwardNs: 3e6, Parameters: []*api.ParameterHealth{parameter(), parameter()}},
		{Parameters: []*api.ParameterHealth{parameter()}},
		{Parameters: []*api.ParameterHealth{parameter()}},
	}}
}

func TestLayers(t *testing.T) {
	var l layers
	if l.add(measured(1, 1)) {
		t.Error("a measurement of an unknown network was taken")
	}
	l.describe(twoLayers())
	if h := l.all(); h.Step != 0 || len(h.Layers) != 3 || h.Layers[0].Level != "good" {
		t.Errorf("before any measurement: %+v", h)
	}
	if l.add(&api.Health{Step: 1, Layers: make([]*api.LayerHealth, 2)}) {
		t.Error("a measurement of two layers of three was taken")
	}
	l.add(measured(10, 1))
	h := l.all()
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
	g := l.graph()
	if len(g.Layers) != 3 || g.Layers[0].Count != 8*27+8 || g.Layers[2].Count != 1280 {
		t.Errorf("graph: %+v", g)
	}
}

// The worst layers come first, each with the rule that says why.
func TestWorstLayersFirst(t *testing.T) {
	var l layers
	l.describe(twoLayers())
	bad := measured(5, 1)
	bad.Layers[2].Parameters[0].Update.Norm = 1 // half of the weights
	bad.Layers[0].Dead = 6
	l.add(bad)
	got := l.all().Layers
	if got[0].Name != "conv" || got[0].Rule != "dead units" || got[0].Level != "bad" || got[1].Name != "fc" || got[1].Rule != "update too large" || got[2].Level != "good" {
		t.Errorf("%+v", got)
	}
	l.spoiled(6, "fc.weight")
	if got := l.all().Layers[0]; got.Name != "conv" { // both are bad: in the order in which they are computed
		t.Errorf("%+v", got)
	}
	h, _ := l.history("fc")
	if h.Rule != "first not finite" || h.Level != health.Bad.String() {
		t.Errorf("%+v", h.LayerSigns)
	}
	if _, there := l.history("nobody"); there {
		t.Error("a layer that does not exist has a history")
	}
}

// A sudden gradient is told from its own past.
func TestExplodingLayer(t *testing.T) {
	var l layers
	l.describe(twoLayers())
	for step := range uint64(7) {
		l.add(measured(step+1, 1))
	}
	l.add(measured(8, 60))
	if got := l.all().Layers[0]; got.Rule != "exploding" {
		t.Errorf("%+v", got)
	}
}

// One spike stays to be seen, however long the run; what the run writes over goes.
func TestLayerHistoryIsBounded(t *testing.T) {
	var l layers
	l.describe(twoLayers())
	const steps = 20_000
	for step := uint64(1); step <= steps; step++ {
		gradient := 1.0
		if step == 777 {
			gradient = 99
		}
		l.add(measured(step, gradient))
	}
	h, _ := l.history("fc")
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
	l.add(measured(100, 1))
	if h, _ := l.history("fc"); h.Steps[len(h.Steps)-1] != 100 || len(h.Steps) > 4 {
		t.Errorf("after the run went back: steps %v", h.Steps)
	}
	size := 0
	for _, r := range l.records {
		size += r.size
	}
	if size != l.size {
		t.Errorf("%d bytes are counted, there are %d", l.size, size)
	}
	other := twoLayers()
	other.Layers = other.Layers[:2]
	if l.describe(other); len(l.records) != 0 || l.size != 0 {
		t.Error("records of another network stay")
	}
}

// A worker is asked once a second at most, another one at once.
func TestLooker(t *testing.T) {
	var k looker
	now := time.Unix(100, 0)
	if !k.due(now, 1) || k.due(now.Add(999*time.Millisecond), 1) || !k.due(now.Add(lookEvery), 1) || !k.due(now.Add(lookEvery), 2) {
		t.Error("asked at the wrong times")
	}
}

// Whoever opens the page has the first worker asked; its answer is shown, another worker's is not.
func TestLooks(t *testing.T) {
	cfg := testConfig(t, 2)
	creds := cfg.Credentials
	c := start(t, cfg)
	var workers []*fake
	for _, name := range []string{"worker-0", "worker-1"} {
		f := dial(t, c.Addr(), name, creds.Client())
		if r := f.join(hello(&cfg, name)); r.GetWelcome() == nil {
			t.Fatalf("%s: %v", name, r)
		}
		workers = append(workers, f)
	}
	for _, f := range workers {
		for f.recv().GetView() == nil {
		}
	}
	if g := c.Network(); len(g.Layers) != 0 {
		t.Errorf("before anybody told: %+v", g)
	}
	var look *api.Look
	for look == nil {
		look = workers[0].recv().GetLook()
	}
	if !look.Network || !look.Health {
		t.Errorf("asked for %v", look)
	}
	workers[1].send(&api.FromWorker{Message: &api.FromWorker_Network{Network: &api.Network{Layers: []*api.Layer{{Name: "forged"}}}}})
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Network{Network: twoLayers()}})
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Health{Health: measured(1, 1)}})
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Health{Health: &api.Health{Step: 2}}}) // of another network: asked what it is
	for look = nil; look == nil || look.Health; {
		look = workers[0].recv().GetLook()
	}
	if h := c.LayersHealth(); h.Step != 1 || len(h.Layers) != 3 {
		t.Errorf("shown: %+v", h)
	}
	if h, there := c.LayerHistory("conv"); !there || len(h.Steps) != 1 {
		t.Errorf("conv: %v, %+v", there, h)
	}
}

func TestMetricsOfLayers(t *testing.T) {
	b, clock, _ := boardOf(1)
	play(b, clock, b.state, joins(1)...)
	b.layers.describe(twoLayers())
	if m := scrape(t, b); m[`rondo_layers{level="good"}`] != 0 {
		t.Errorf("before any measurement: %v", m)
	}
	h := measured(3, 1)
	h.Layers[2].Parameters[0].Update.Norm = 0.2
	b.layers.add(h)
	b.layers.spoiled(4, "conv")
	m := scrape(t, b)
	for series, want := range map[string]float64{`rondo_layers{level="good"}`: 1, `rondo_layers{level="watch"}`: 1, `rondo_layers{level="bad"}`: 1,
		"rondo_layer_update_ratio_largest": 0.1, "rondo_layer_update_ratio_smallest": 0.001, `rondo_layer_not_finite_step{layer="conv"}`: 4} {
		if math.Abs(m[series]-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", series, m[series], want)
		}
	}
}
