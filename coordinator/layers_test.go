package coordinator

import (
	"math"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers/layerstest"
)

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
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Network{Network: layerstest.TwoLayers()}})
	workers[0].send(&api.FromWorker{Message: &api.FromWorker_Health{Health: layerstest.Measured(1, 1)}})
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
	b.layers.Describe(layerstest.TwoLayers())
	if m := scrape(t, b); m[`rondo_layers{level="good"}`] != 0 {
		t.Errorf("before any measurement: %v", m)
	}
	h := layerstest.Measured(3, 1)
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
