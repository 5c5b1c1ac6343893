package web

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// keptLayers is what a report has of the layers of a run.
type keptLayers struct {
	Network api.NetworkGraph            `json:"network"`
	Health  api.LayersHealth            `json:"health"`
	Past    map[string]api.LayerHistory `json:"past"` // by layer
}

// keepLayers is what a source knows of its layers, in so many bytes; nil: not even the network and its verdicts fit. Of each
// layer all histograms but the newest go, then every second measured step until the rest fits, and the whole past where even
// few do not.
func keepLayers(of Layers, room int) *keptLayers {
	k := &keptLayers{Network: of.Network(), Health: of.LayersHealth(), Past: map[string]api.LayerHistory{}}
	text, err := json.Marshal(k)
	if room -= len(text); err != nil || room < 0 {
		return nil
	}
	for _, l := range k.Network.Layers {
		if h, there := of.LayerHistory(l.Name); there && len(h.Steps) > 0 {
			k.Past[l.Name] = reduced(h, 1)
		}
	}
	for {
		text, err := json.Marshal(k.Past)
		if err == nil && len(text) <= room {
			return k
		}
		most := 0
		for name, h := range k.Past {
			k.Past[name] = reduced(h, 2)
			most = max(most, len(h.Steps))
		}
		if most <= 2 || err != nil {
			k.Past = map[string]api.LayerHistory{}
			return k
		}
	}
}

// reduced is a history with every so many of its steps, the newest among them, rounded to what can be seen. Extremes are those
// of the steps that go, too, so a spike stays.
func reduced(h api.LayerHistory, every int) api.LayerHistory {
	out := api.LayerHistory{LayerSigns: h.LayerSigns, Steps: thinned(h.Steps, every), Columns: map[string]api.LayerColumn{}, Parameters: map[string]api.ParameterPast{},
		Gates: map[string][][2]api.Number{}, ByStep: [][]api.Number{}, Output: spreads(h.Output, every)}
	for name, c := range h.Columns {
		out.Columns[name] = api.LayerColumn{Min: extremes(c.Min, every, math.Min), Max: extremes(c.Max, every, math.Max), Last: rounded(thinned(c.Last, every))}
	}
	for name, p := range h.Parameters {
		out.Parameters[name] = api.ParameterPast{Weight: spreads(p.Weight, every), Gradient: spreads(p.Gradient, every), Update: spreads(p.Update, every)}
	}
	if n := len(h.ByStep); n > 0 {
		out.ByStep = append(out.ByStep, rounded(h.ByStep[n-1]))
	}
	return out
}

// thinned has every so many of a list, counted from its end.
func thinned[T any](list []T, every int) []T {
	out := []T{}
	for i := (len(list) + every - 1) % every; i < len(list); i += every {
		out = append(out, list[i])
	}
	return out
}

// extremes are those of the elements that thinned drops and the one behind them that it keeps.
func extremes(list []api.Number, every int, f func(a, b float64) float64) []api.Number {
	out := []api.Number{}
	for end := (len(list)+every-1)%every + 1; end <= len(list); end += every {
		x := math.NaN()
		for _, v := range list[max(0, end-every):end] {
			if math.IsNaN(x) {
				x = float64(v)
			} else if v.Finite() {
				x = f(x, float64(v))
			}
		}
		out = append(out, api.Number(x))
	}
	return rounded(out)
}

// spreads are distributions without their histograms, but for the newest.
func spreads(list []api.DistributionAt, every int) []api.DistributionAt {
	out := thinned(list, every)
	for i := range out {
		d := &out[i]
		d.Quantiles = rounded(d.Quantiles)
		if i < len(out)-1 {
			*d = api.DistributionAt{Quantiles: d.Quantiles}
		}
	}
	return out
}

// rounded has four digits of each number.
func rounded(list []api.Number) []api.Number {
	out := make([]api.Number, len(list))
	for i, v := range list {
		if out[i] = v; v.Finite() {
			if short, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', 4, 64), 64); err == nil {
				out[i] = api.Number(short)
			}
		}
	}
	return out
}
