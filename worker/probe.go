package worker

import (
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn"
	nnhealth "github.com/rondo-ml/rondo/nn/health"
	"github.com/rondo-ml/rondo/tensor"
)

// probe measures the layers in one step. Nothing that it reads is changed, and nothing that it computes is read by the run.
//
//	forward, backward of own lanes   activations, gates, gradients by time step (the first pass alone)
//	sums of all workers              gradients, before clipping; a copy of the weights
//	after the optimizer              weights, updates
type probe struct {
	pool   *tensor.Pool
	tape   *nn.Tape
	layers []nn.Layer
	found  *api.Health
	before []float32     // the weights
	spent  time.Duration // on measuring
	at     time.Time     // since when a layer computes
}

// begin says that a layer computes from now on.
func (p *probe) begin() {
	if p != nil {
		p.at = time.Now()
	}
}

// newProbe prepares to measure a network's layers. Memory of an earlier one is used again.
func (t *trainer) newProbe(memory []float32) *probe {
	tape := t.network.forLanes(t.passes[0].count()).tape
	p := &probe{pool: t.pool, tape: tape, layers: tape.Layers(), found: &api.Health{}, before: memory}
	for _, l := range p.layers {
		h := &api.LayerHealth{}
		for range l.Params {
			h.Parameters = append(h.Parameters, &api.ParameterHealth{})
		}
		p.found.Layers = append(p.found.Layers, h)
	}
	return p
}

// timed notes the time since began.
func (p *probe) timed(began time.Time) { p.spent += time.Since(began) }

// Forward measures what a layer has just computed.
func (p *probe) Forward(layer int) {
	h := p.found.Layers[layer]
	h.ForwardNs = int64(time.Since(p.at))
	defer p.begin()
	defer p.timed(time.Now())
	if outputs := p.tape.OutputsOf(layer); len(outputs) > 0 {
		y := outputs[0].Value()
		h.Output = distribution(p.tally(y))
		if p.layers[layer].Rectifies {
			h.Units, h.Dead = int64(y.Cols), int64(p.units(y).Dead())
		}
	}
	for _, g := range p.tape.Gates(layer) {
		var n nnhealth.Gates
		for r := range g.Values.Rows {
			if g.Has(r) {
				n.Add(g.Values.Row(r))
			}
		}
		if n.Count > 0 {
			count := float32(n.Count)
			h.Gates = append(h.Gates, &api.GateHealth{Name: g.Name, Open: float32(n.Open) / count, Closed: float32(n.Closed) / count})
		}
	}
}

// Backward measures the gradient of a recurrent layer by time step.
func (p *probe) Backward(layer int) {
	h := p.found.Layers[layer]
	h.BackwardNs = int64(time.Since(p.at))
	defer p.begin()
	defer p.timed(time.Now())
	m, rows := p.tape.GateGradients(layer)
	if m.Rows == 0 {
		return
	}
	for at := 0; at < m.Rows; at += rows {
		sum := 0.0
		for r := at; r < at+rows; r++ {
			for _, v := range m.Row(r) {
				sum += float64(v) * float64(v)
			}
		}
		h.ByStep = append(h.ByStep, float32(math.Sqrt(sum)))
	}
}

// mostTallied is about how many values of an activation are counted: enough for its shares, and little time for large ones.
const mostTallied = 1 << 17

// tally counts a matrix's values, of large ones those of rows that are spread evenly.
func (p *probe) tally(m tensor.Matrix) *nnhealth.Tally {
	every := max(1, m.Rows*m.Cols/mostTallied)
	rows := (m.Rows + every - 1) / every
	tallies := make([]nnhealth.Tally, min(p.pool.Size(), max(1, rows*m.Cols>>14)))
	p.split(rows, len(tallies), func(part, row int) { tallies[part].Add(m.Row(row * every)) })
	for i := range tallies[1:] {
		tallies[0].Merge(&tallies[i+1])
	}
	return &tallies[0]
}

// units looks at all rows.
func (p *probe) units(m tensor.Matrix) *nnhealth.Units {
	units := make([]*nnhealth.Units, min(p.pool.Size(), max(1, m.Rows*m.Cols>>14)))
	for i := range units {
		units[i] = nnhealth.NewUnits(m.Cols)
	}
	p.split(m.Rows, len(units), func(part, row int) { units[part].Add(m.Row(row)) })
	for _, u := range units[1:] {
		units[0].Merge(u)
	}
	return units[0]
}

// split shares rows out in so many parts.
func (p *probe) split(rows, parts int, do func(part, row int)) {
	p.pool.For(parts, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for r := i * rows / parts; r < (i+1)*rows/parts; r++ {
				do(i, r)
			}
		}
	})
}

// gradients measures the gradient of the whole batch, before it is clipped, and keeps the weights.
func (p *probe) gradients(grad, weights []float32) {
	defer p.timed(time.Now())
	if p.before == nil {
		p.before = slices.Clone(weights)
	} else {
		copy(p.before, weights)
	}
	p.eachParameter(func(q *nn.Param, h *api.ParameterHealth) { h.Gradient = of(grad[q.Offset : q.Offset+q.Size()]) })
}

// updates measures the weights as the step has left them, and what it changed.
func (p *probe) updates(weights []float32) {
	defer p.timed(time.Now())
	p.eachParameter(func(q *nn.Param, h *api.ParameterHealth) {
		now, was := weights[q.Offset:q.Offset+q.Size()], p.before[q.Offset:q.Offset+q.Size()]
		h.Weight = of(now)
		for i, v := range now {
			was[i] = v - was[i] // it is kept for this alone
		}
		h.Update = of(was)
	})
}

// eachParameter calls measure for the parameters of all layers, each once, several at a time.
func (p *probe) eachParameter(measure func(*nn.Param, *api.ParameterHealth)) {
	type one struct {
		param *nn.Param
		first *api.ParameterHealth
	}
	var all []one
	seen := map[*nn.Param]*api.ParameterHealth{}
	for i, l := range p.layers {
		for k, q := range l.Params {
			h := p.found.Layers[i].Parameters[k]
			if first := seen[q]; first != nil {
				p.found.Layers[i].Parameters[k] = first // shared by two layers
				continue
			}
			seen[q] = h
			all = append(all, one{q, h})
		}
	}
	p.pool.For(len(all), 1, func(lo, hi int) {
		for _, o := range all[lo:hi] {
			measure(o.param, o.first)
		}
	})
}

func distribution(t *nnhealth.Tally) *api.Distribution {
	d := t.Distribution()
	out := &api.Distribution{Count: d.Count, Bad: d.Bad, Zeros: d.Zeros, Mean: d.Mean, Deviation: d.Deviation, Norm: d.Norm, Min: d.Min, Max: d.Max,
		Positive: &api.Bins{First: int32(d.Positive.First), Counts: d.Positive.Bins}, Negative: &api.Bins{First: int32(d.Negative.First), Counts: d.Negative.Bins}}
	for _, q := range d.Quantiles {
		out.Quantiles = append(out.Quantiles, float32(q))
	}
	return out
}

// described is what the tape of the first pass computes.
func (t *trainer) described() *api.Network {
	return describeNetwork(t.network.forLanes(t.passes[0].count()).tape)
}

// describeNetwork is what a tape computes, for one row of the batch.
func describeNetwork(t *nn.Tape) *api.Network {
	n := &api.Network{}
	rows := float64(t.Shape.Lanes * t.Shape.Rows)
	for _, l := range t.Layers() {
		d := &api.Layer{Name: l.Name, Kind: l.Kind, Operations: float64(l.Operations) / rows, Rectifies: l.Rectifies}
		for _, in := range l.Inputs {
			d.Inputs = append(d.Inputs, int32(in))
		}
		if l.Columns > 0 {
			if l.Output.Steps > 1 {
				d.Shape = append(d.Shape, int32(l.Output.Steps))
			}
			if l.Output.IsImage() {
				d.Shape = append(d.Shape, int32(l.Output.Height), int32(l.Output.Width))
			}
			d.Shape = append(d.Shape, int32(l.Columns))
		}
		for _, p := range l.Params {
			q := &api.Parameter{Name: p.Name, Frozen: p.Frozen}
			for _, extent := range p.Shape {
				q.Shape = append(q.Shape, int32(extent))
			}
			d.Parameters = append(d.Parameters, q)
		}
		n.Layers = append(n.Layers, d)
	}
	return n
}
