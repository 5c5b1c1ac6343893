package layers

import (
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Graph is the network as the page draws it.
func (l *Past) Graph() api.NetworkGraph {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := api.NetworkGraph{Layers: []api.GraphLayer{}}
	for _, n := range l.network.GetLayers() {
		layer := api.GraphLayer{Name: n.GetName(), Kind: n.GetKind(), Operations: n.GetOperations(), Inputs: append([]int32{}, n.GetInputs()...),
			Shape: append([]int32{}, n.GetShape()...), Parameters: []api.GraphParameter{}}
		for _, p := range n.GetParameters() {
			count := int64(1)
			for _, extent := range p.GetShape() {
				count *= int64(extent)
			}
			layer.Count += count
			layer.Parameters = append(layer.Parameters, api.GraphParameter{Name: p.GetName(), Shape: append([]int32{}, p.GetShape()...), Frozen: p.GetFrozen()})
		}
		g.Layers = append(g.Layers, layer)
	}
	return g
}

// History is how a layer has fared; false when none has the name. Histograms, and gradients by time step, are of the newest
// measured step alone.
func (l *Past) History(name string) (api.LayerHistory, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.IndexFunc(l.network.GetLayers(), func(n *api.Layer) bool { return n.GetName() == name })
	if at < 0 {
		return api.LayerHistory{}, false
	}
	signs, _ := l.judged(at, l.othersGradient())
	h := api.LayerHistory{LayerSigns: signs, Steps: []uint64{}, Columns: map[string]api.LayerColumn{}, Output: []api.DistributionAt{},
		Parameters: map[string]api.ParameterPast{}, Gates: map[string][][2]api.Number{}, ByStep: [][]api.Number{}}
	for c, column := range layerNumbers {
		col := api.LayerColumn{Min: []api.Number{}, Max: []api.Number{}, Last: []api.Number{}}
		for _, r := range l.records {
			col.Min, col.Max = append(col.Min, api.Number(r.low[at][c])), append(col.Max, api.Number(r.high[at][c]))
			col.Last = append(col.Last, api.Number(r.last[at][c]))
		}
		h.Columns[column] = col
	}
	for i, r := range l.records {
		layer, newest := r.health.Layers[at], i == len(l.records)-1
		shown := func(d *api.Distribution) api.DistributionAt { return shownDistribution(d, newest) }
		h.Steps, h.Output = append(h.Steps, r.health.Step), append(h.Output, shown(layer.GetOutput()))
		for k, p := range layer.GetParameters() {
			name := l.network.Layers[at].Parameters[k].GetName()
			past := h.Parameters[name]
			past.Weight, past.Gradient, past.Update = append(past.Weight, shown(p.GetWeight())), append(past.Gradient, shown(p.GetGradient())), append(past.Update, shown(p.GetUpdate()))
			h.Parameters[name] = past
		}
		for _, g := range layer.GetGates() {
			h.Gates[g.GetName()] = append(h.Gates[g.GetName()], [2]api.Number{api.Number(g.GetOpen()), api.Number(g.GetClosed())})
		}
		if steps := layer.GetByStep(); len(steps) > 0 {
			h.ByStep = [][]api.Number{shownNumbers(steps)}
		}
	}
	return h, true
}

// shownDistribution has the histogram of the newest alone: those of hundreds of steps would be megabytes, every two seconds.
func shownDistribution(d *api.Distribution, newest bool) api.DistributionAt {
	out := api.DistributionAt{Count: d.GetCount(), Bad: d.GetBad(), Zeros: d.GetZeros(), Norm: api.Number(d.GetNorm()), Mean: api.Number(d.GetMean()),
		Deviation: api.Number(d.GetDeviation()), Quantiles: shownNumbers(d.GetQuantiles())}
	if newest {
		out.Positive, out.Negative = shownBins(d.GetPositive()), shownBins(d.GetNegative())
	}
	return out
}

func shownBins(b *api.Bins) *api.Bins64 {
	if len(b.GetCounts()) == 0 {
		return nil
	}
	return &api.Bins64{First: b.First, Counts: b.Counts}
}

func shownNumbers(x []float32) []api.Number {
	out := make([]api.Number, len(x))
	for i, v := range x {
		out[i] = api.Number(v)
	}
	return out
}
