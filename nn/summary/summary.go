package summary

import (
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Summary is what a network is made of.
type Summary struct {
	Kind         string  `json:"kind"`
	Inputs       []Input `json:"inputs"`
	Steps        int     `json:"steps,omitempty"` // of a row that is a sequence
	Parameters   int     `json:"parameters"`
	MultiplyAdds int     `json:"multiply_adds"` // of one row
	Field        int     `json:"field,omitempty"`
	Layers       []Layer `json:"layers"`
}

// Input is a part of the data that the network reads.
type Input struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Layer is an operation of the network.
type Layer struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind"`
	Output       []int    `json:"output"` // as PyTorch has it, without the batch: [channels, height, width], [steps, features], [features]
	Parameters   int      `json:"parameters,omitempty"`
	MultiplyAdds int      `json:"multiply_adds,omitempty"`
	Field        int      `json:"field,omitempty"` // the longer side of what a pixel sees
	Inputs       []string `json:"inputs"`          // layers or parts of the data
}

// Of sums up a network that reads rows of so many time steps, 1 where it reads no sequences. A network that panics is a
// *zoo.PanicError, one that rows of so many steps do not fit another error.
func Of(n *zoo.Network, steps int) (s *Summary, err error) {
	defer zoo.Recover(n.Kind, &err)
	tape := nn.NewTape(n.Params(), nil, nn.Shape{Steps: steps, Lanes: 1, Rows: 1}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	n.Forward(tape, batch)
	if err := tape.Err(); err != nil {
		return nil, err
	}
	s = &Summary{Kind: n.Kind, Parameters: n.Params().Size(), Inputs: inputs(batch)}
	if steps > 1 {
		s.Steps = steps
	}
	s.list(tape, batch)
	if maps := lastMaps(tape.Operators()); maps != nil {
		s.Field = side(tape.Receptive(maps))
	}
	return s, nil
}

// list adds the layers.
func (s *Summary) list(tape *nn.Tape, batch *nn.Batch) {
	names, counted := map[*nn.Node]string{}, map[*nn.Param]bool{}
	for _, o := range tape.Operators() {
		l := Layer{Name: o.Name, Kind: o.Kind, MultiplyAdds: o.MultiplyAdds, Inputs: []string{}}
		for _, p := range o.Params {
			if !counted[p] { // a layer that is used twice has its parameters once
				l.Parameters += p.Size()
				counted[p] = true
			}
		}
		for _, x := range o.Inputs {
			if names[x] == "" {
				names[x] = PartOf(batch, x)
			}
			l.Inputs = append(l.Inputs, names[x])
		}
		if d, ok := o.Computes.(nn.LookupOp); ok {
			l.Inputs = append(l.Inputs, holderOf(batch, d.Tokens))
		}
		for i, y := range o.Outputs {
			names[y] = o.Name
			if i == 0 {
				l.Output = Shape(y)
				if y.Layout.IsImage() {
					l.Field = side(tape.Receptive(y))
				}
			}
		}
		s.MultiplyAdds += l.MultiplyAdds
		s.Layers = append(s.Layers, l)
	}
}

func side(r nn.Rect) int { return max(r.Height(), r.Width()) }

// Shape is the shape of a row of an activation as PyTorch has it.
func Shape(n *nn.Node) []int {
	l := n.Layout
	switch {
	case l.IsImage():
		return []int{n.Cols, l.Height, l.Width}
	case l.Steps > 1:
		return []int{l.Steps, n.Cols}
	}
	return []int{n.Cols}
}

// lastMaps are the last images whose pixels are still told apart: those before a pooling of whole images, or before
// images become rows. Nil: the network has none.
func lastMaps(ops []nn.Operator) (maps *nn.Node) {
	whole := map[*nn.Node]bool{} // made of all pixels
	for _, o := range ops {
		y := o.Outputs
		if len(y) == 0 {
			continue
		}
		whole[y[0]] = slices.ContainsFunc(o.Inputs[:min(len(o.Inputs), 1)], func(x *nn.Node) bool { return whole[x] }) || takesAll(o)
		if y[0].Layout.IsImage() && !whole[y[0]] {
			maps = y[0]
		}
	}
	return maps
}

// takesAll says whether an operation makes one value of all pixels, or loses which is where.
func takesAll(o nn.Operator) bool {
	switch d := o.Computes.(type) {
	case nn.PoolOp:
		return !d.Max && d.Shape.OutH == 1 && d.Shape.OutW == 1 && d.Shape.KH >= d.Shape.InH && d.Shape.KW >= d.Shape.InW
	case nn.BinsOp:
		return true
	}
	return !o.Outputs[0].Layout.IsImage()
}

// Memory is what a training step on a batch of one lane needs, in bytes. The shape is that of the batch.
func Memory(n *zoo.Network, learns task.Task, pool *tensor.Pool, rows, steps int) (bytes int64, err error) {
	defer zoo.Recover(n.Kind, &err)
	shape := nn.Shape{Steps: steps, Lanes: 1, Rows: rows}
	if err := zoo.Check(n, learns, shape); err != nil {
		return 0, err
	}
	return zoo.MemoryOf(n, learns, pool, shape).Total(), nil
}
