package coordinator

import (
	"math"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
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
	b.layers.Describe(twoLayers())
	if m := scrape(t, b); m[`rondo_layers{level="good"}`] != 0 {
		t.Errorf("before any measurement: %v", m)
	}
	h := measured(3, 1)
	h.Layers[2].Parameters[0].Update.Norm = 0.2
	b.layers.Add(h)
	b.layers.Spoiled(4, "conv")
	m := scrape(t, b)
	for series, want := range map[string]float64{`rondo_layers{level="good"}`: 1, `rondo_layers{level="watch"}`: 1, `rondo_layers{level="bad"}`: 1,
		"rondo_layer_update_ratio_largest": 0.1, "rondo_layer_update_ratio_smallest": 0.001, `rondo_layer_not_finite_step{layer="conv"}`: 4} {
		if math.Abs(m[series]-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", series, m[series], want)
		}
	}
}
