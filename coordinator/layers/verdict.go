package layers

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/health"
)

// usualSteps is how many measured steps make a gradient's usual norm.
const usualSteps = 5

// othersGradient is the median norm of the layers' gradients in the newest measured step.
func (l *Past) othersGradient() float64 {
	if len(l.records) == 0 {
		return math.NaN()
	}
	var all []float64
	for _, now := range l.records[len(l.records)-1].last {
		all = append(all, now[numberGradient])
	}
	return medianKnown(all)
}

// signs are what layer i is judged by, after the newest measured step.
func (l *Past) signs(i int, others float64) health.Signs {
	s := health.Unknown()
	about := l.network.Layers[i]
	if l.badName != "" && (l.badName == about.GetName() || slices.ContainsFunc(about.GetParameters(), func(p *api.Parameter) bool {
		return l.badName == p.GetName() || l.badName == "the parameter "+p.GetName()
	})) {
		s.BadFirst, s.BadStep = true, l.badStep
	}
	n := len(l.records)
	if n == 0 {
		return s
	}
	newest := &l.records[n-1]
	h, now := newest.health.Layers[i], newest.last[i]
	s.Bad = badValues(h)
	s.Ratio, s.Gradient, s.Dead, s.Flat = now[numberRatio], now[numberGradient], now[numberDead], now[numberFlat]
	if g := flattest(h); g != nil {
		s.Gate = g.GetName()
	}
	if n > usualSteps {
		var past []float64
		for _, r := range l.records[:n-1] {
			past = append(past, r.last[i][numberGradient])
		}
		s.Usual = medianKnown(past)
	}
	s.Others = others
	if steps := h.GetByStep(); len(steps) >= 4 {
		q := len(steps) / 4
		s.Early, s.Late = mean(steps[:q]), mean(steps[len(steps)-q:])
	}
	return s
}

// badValues are those of a layer that are not finite.
func badValues(h *api.LayerHealth) int64 {
	bad := h.GetOutput().GetBad()
	for _, p := range h.GetParameters() {
		bad += p.GetWeight().GetBad() + p.GetGradient().GetBad() + p.GetUpdate().GetBad()
	}
	return bad
}

// medianKnown is the median of the numbers that are known; NaN of none.
func medianKnown(x []float64) float64 {
	x = slices.DeleteFunc(x, math.IsNaN)
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	return x[len(x)/2]
}

func mean(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum / float64(len(x))
}

// judged is what is shown of layer i.
func (l *Past) judged(i int, others float64) (api.LayerSigns, health.Level) {
	s := l.signs(i, others)
	v := health.Judge(s)
	nan := api.Number(math.NaN())
	about := l.network.Layers[i]
	out := api.LayerSigns{Name: about.GetName(), Kind: about.GetKind(), Level: v.Level.String(), Rule: v.Rule, Verdict: v.Text, Gate: s.Gate, Bad: s.Bad,
		Weight: nan, Update: nan, Mean: nan, Deviation: nan, Zeros: nan, Time: nan,
		Ratio: api.Number(s.Ratio), Gradient: api.Number(s.Gradient), Dead: api.Number(s.Dead), Flat: api.Number(s.Flat)}
	if n := len(l.records); n > 0 {
		now := l.records[n-1].last[i]
		out.Weight, out.Update, out.Mean = api.Number(now[numberWeight]), api.Number(now[numberUpdate]), api.Number(now[numberMean])
		out.Deviation, out.Zeros, out.Time = api.Number(now[numberDeviation]), api.Number(now[numberZeros]), api.Number(now[numberTime])
	}
	return out, v.Level
}

// All is how all layers fared, the worst first.
func (l *Past) All() api.LayersHealth {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := api.LayersHealth{Layers: []api.LayerSigns{}}
	if l.network == nil {
		return out
	}
	if n := len(l.records); n > 0 {
		newest := l.records[n-1].health
		out.Step, out.Cost = newest.Step, float64(newest.CostNs)/1e9
	}
	others, byLevel := l.othersGradient(), [3][]api.LayerSigns{}
	for i := range l.network.Layers {
		s, level := l.judged(i, others)
		byLevel[level] = append(byLevel[level], s)
	}
	for level := health.Bad; level >= health.Good; level-- {
		out.Layers = append(out.Layers, byLevel[level]...)
	}
	return out
}
