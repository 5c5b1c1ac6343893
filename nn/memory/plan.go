package memory

import (
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Plan is what activations need at inference.
type Plan struct {
	Kind    string   `json:"kind"`
	Rows    int      `json:"batch"`
	Steps   int      `json:"steps,omitempty"` // of a row that is a sequence
	Values  []Value  `json:"values"`
	Moments []Moment `json:"operations"` // in the network's own order
	Peak    Peak     `json:"peak"`
	Best    *Order   `json:"best"` // nil: there are too many orders to search
	Fused   Fused    `json:"fused"`
	Weights int64    `json:"weights_bytes"`
	Rondo   int64    `json:"rondo_bytes"` // of activations on Rondo's own tape, what kernels need among them
}

// Value is an activation, or an input of the network.
type Value struct {
	Name  string `json:"name"`  // of the layer that yields it, or of the part of the data
	Shape []int  `json:"shape"` // of a row, as PyTorch has it: [channels, height, width], [steps, features], [features]
	Bytes int64  `json:"bytes"` // of all rows
}

// Moment is an operation and what is alive while it runs.
type Moment struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"` // with the functions that write over its output: "conv2d + batch norm + relu"
	Reads []int  `json:"reads"`
	// Writes are the values that it makes. Over is the one whose place the first of them takes, or -1.
	Writes []int `json:"writes"`
	Over   int   `json:"over"`
	Held   []int `json:"held"` // values that others read later
	Bytes  int64 `json:"bytes"`
}

// Peak is the most that is alive at once, and the first operation at which it is.
type Peak struct {
	Bytes int64 `json:"bytes"`
	At    int   `json:"at"` // index of a moment
}

// Order is an order of the operations.
type Order struct {
	Peak
	Order []int `json:"order"` // indexes of moments
}

// Of plans a network that reads so many rows of so many time steps, 1 where it reads no sequences. pool is what Rondo's
// own need is asked of. Errors are those of the network and of rows that do not fit it.
func Of(n *zoo.Network, pool *tensor.Pool, rows, steps int) (p *Plan, err error) {
	defer zoo.Recover(n.Kind, &err)
	tape := nn.NewTape(n.Params(), pool, nn.Shape{Steps: steps, Lanes: 1, Rows: rows}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	out := n.Forward(tape, batch)
	if err := tape.Err(); err != nil {
		return nil, err
	}
	g := graphOf(tape, batch, out)
	p = &Plan{Kind: n.Kind, Rows: rows, Values: g.values, Weights: 4 * int64(n.Params().Size())}
	if steps > 1 {
		p.Steps = steps
	}
	p.Moments, p.Peak = g.moments(g.ownOrder())
	p.Best = g.best(p.Peak)
	p.Fused = g.fuse()
	tape.Keep(out)
	p.Rondo = 4 * int64(tape.Measure())
	return p, nil
}

// moments runs the operations in an order.
func (g *graph) moments(order []int) (list []Moment, peak Peak) {
	s := g.begin()
	alive := map[int]bool{}
	for v, given := range g.given {
		alive[v] = given && len(g.readers[v]) > 0
	}
	for _, k := range order {
		o := &g.ops[k]
		need, over, ends := g.effect(s, k)
		m := Moment{Name: o.name, Kind: o.kind, Reads: o.reads, Writes: o.writes, Over: over, Held: []int{}, Bytes: need}
		for v := range g.values {
			if alive[v] && !slices.Contains(o.reads, v) {
				m.Held = append(m.Held, v)
			}
		}
		if m.Bytes > peak.Bytes {
			peak = Peak{m.Bytes, len(list)}
		}
		list = append(list, m)
		for _, v := range o.writes {
			alive[v] = true
		}
		for _, v := range ends {
			alive[v] = false
		}
		s = g.after(s, k, ends)
	}
	return list, peak
}
