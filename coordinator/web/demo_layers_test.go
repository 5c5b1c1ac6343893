//go:build browser

package web

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// demoNetwork is a small residual network with a recurrent layer behind it.
func demoNetwork() api.NetworkGraph {
	g := api.NetworkGraph{}
	add := func(name, kind string, operations float64, shape []int32, weight ...int32) {
		l := api.GraphLayer{Name: name, Kind: kind, Inputs: []int32{int32(len(g.Layers)) - 1}, Shape: shape, Operations: operations, Parameters: []api.GraphParameter{}}
		if len(weight) > 0 {
			l.Count = 1
			for _, extent := range weight {
				l.Count *= int64(extent)
			}
			l.Parameters = append(l.Parameters, api.GraphParameter{Name: name + ".weight", Shape: weight})
		}
		g.Layers = append(g.Layers, l)
	}
	add("conv1", "conv2d", 2e6, []int32{32, 32, 16}, 16, 3, 3, 3)
	add("bn1", "batch norm", 0, []int32{32, 32, 16}, 16)
	for block := range 3 {
		for k := 1; k <= 2; k++ {
			at := fmt.Sprintf("layer1.%d", block)
			add(fmt.Sprintf("%s.conv%d", at, k), "conv2d", 4.7e6, []int32{32, 32, 16}, 16, 16, 3, 3)
			add(fmt.Sprintf("%s.bn%d", at, k), "batch norm", 0, []int32{32, 32, 16}, 16)
		}
	}
	add("rnn.l0", "lstm", 0, []int32{32, 64}, 256, 64)
	add("fc", "linear", 1280, []int32{10}, 10, 64)
	add("loss", "cross entropy", 0, []int32{})
	return g
}

// demoHealth has one layer of each level in front.
func demoHealth(step uint64) api.LayersHealth {
	h := api.LayersHealth{Step: step, Cost: 0.004}
	for _, l := range demoNetwork().Layers {
		h.Layers = append(h.Layers, demoSigns(l))
	}
	return h
}

func demoSigns(l api.GraphLayer) api.LayerSigns {
	nan := api.Number(math.NaN())
	s := api.LayerSigns{Name: l.Name, Kind: l.Kind, Level: "good", Verdict: "well: a step changes its weights by 10^-3.1 of their size", Ratio: -3.1, Gradient: 0.2,
		Weight: 3, Update: 0.0024, Mean: 0.4, Deviation: 1, Zeros: 0.3, Dead: nan, Flat: nan, Time: api.Number(1e-3 + l.Operations*1e-9)}
	switch l.Name {
	case "layer1.1.bn1":
		s.Level, s.Rule, s.Dead = "bad", "dead units", 0.75
		s.Verdict = "75 % of its units were zero on every row, and learn nothing: a lower learning rate, or another start"
	case "fc":
		s.Level, s.Rule, s.Ratio = "watch", "update too large", -1.6
		s.Verdict = "a step changes its weights by 10^-1.6 of their size, where 10^-3 is usual: the learning rate may be too high"
	case "rnn.l0":
		s.Gate, s.Flat = "forget", 0.4
	}
	return s
}

// demoLayer has measured every twentieth step.
func demoLayer(name string, step uint64) (api.LayerHistory, bool) {
	for _, l := range demoNetwork().Layers {
		if l.Name == name {
			return demoPast(l, step), true
		}
	}
	return api.LayerHistory{}, false
}

func demoPast(l api.GraphLayer, step uint64) api.LayerHistory {
	h := api.LayerHistory{LayerSigns: demoSigns(l), Steps: []uint64{}, Columns: map[string]api.LayerColumn{}, Output: []api.DistributionAt{},
		Parameters: map[string]api.ParameterPast{}, Gates: map[string][][2]api.Number{}, ByStep: [][]api.Number{}}
	for s := uint64(20); s <= step; s += 20 {
		h.Steps = append(h.Steps, s)
		x := float64(s)
		for column, v := range map[string]float64{"ratio": float64(h.Ratio) + 0.2*math.Sin(x/90), "gradient": 0.2 + 0.1*math.Sin(x/50), "weight": 3 + x/900,
			"deviation": 1 + 0.1*math.Sin(x/70), "mean": 0.4, "zeros": 0.3, "dead": float64(h.Dead), "flat": float64(h.Flat), "time": float64(h.Time)} {
			c := h.Columns[column]
			c.Min, c.Max, c.Last = append(c.Min, api.Number(v*0.95)), append(c.Max, api.Number(v*1.05)), append(c.Last, api.Number(v))
			h.Columns[column] = c
		}
		h.Output = append(h.Output, demoSpread(1, s))
		for _, p := range l.Parameters {
			past := h.Parameters[p.Name]
			past.Weight, past.Gradient = append(past.Weight, demoSpread(0.05, s)), append(past.Gradient, demoSpread(1e-4, s))
			past.Update = append(past.Update, demoSpread(5e-5, s))
			h.Parameters[p.Name] = past
		}
		if l.Kind == "lstm" {
			for _, gate := range []string{"input", "forget", "output"} {
				h.Gates[gate] = append(h.Gates[gate], [2]api.Number{0.3, 0.1})
			}
			var by []api.Number
			for t := range 32 {
				by = append(by, api.Number(1e-3*math.Exp(float64(t)/8)*(1+0.1*math.Sin(x/30))))
			}
			h.ByStep = append(h.ByStep, by)
		}
	}
	return h
}

// demoSpread is about normal.
func demoSpread(width float64, step uint64) api.DistributionAt {
	width *= 1 + float64(step)/3000
	d := api.DistributionAt{Count: 2000, Deviation: api.Number(width), Norm: api.Number(width * 45)}
	for _, q := range []float64{-2.3, -1.6, -0.67, 0, 0.67, 1.6, 2.3} {
		d.Quantiles = append(d.Quantiles, api.Number(q*width))
	}
	top := int32(2 * math.Floor(math.Log2(width)))
	counts := []int64{10, 20, 60, 140, 260, 300, 160, 40, 10}
	d.Positive, d.Negative = &api.Bins64{First: top - 5, Counts: counts}, &api.Bins64{First: top - 5, Counts: counts}
	return d
}
