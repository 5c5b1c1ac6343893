package main

import "github.com/rondo-ml/rondo/nn"

// minimal is the minimal gated unit (Zhou et al., "Minimal gated unit for recurrent neural networks", 2016), one step of it:
//
//	f  = σ(x·W_fᵀ + b_f + h·U_fᵀ)
//	n  = tanh(x·W_nᵀ + b_n + (f·h)·U_nᵀ)
//	h' = h + f·(n - h)
//
// The walk through time is the layer's: carried states, rows of different lengths, either direction, layers on top of each
// other. So every kind of model with a field cell has it, by the name under which main.go registers it.
type minimal struct {
	forgetX, forgetH *nn.Linear // [H, in], [H, H]
	newX, newH       *nn.Linear
}

func newMinimal(l nn.CellLayer) nn.Cell {
	return &minimal{
		forgetX: nn.NewLinear(l.Params, l.Name("forget_x"), l.In, l.Hidden, true),
		forgetH: nn.NewLinear(l.Params, l.Name("forget_h"), l.Hidden, l.Hidden, false),
		newX:    nn.NewLinear(l.Params, l.Name("new_x"), l.In, l.Hidden, true),
		newH:    nn.NewLinear(l.Params, l.Name("new_h"), l.Hidden, l.Hidden, false),
	}
}

// Step records h' [rows, H] for x [rows, in] and h.
func (c *minimal) Step(t *nn.Tape, x *nn.Node, was []*nn.Node) []*nn.Node {
	h := was[0]
	f := t.Sigmoid("forget", t.Add("forget", c.forgetX.Forward(t, x), c.forgetH.Forward(t, h)))
	n := t.Tanh("new", t.Add("new", c.newX.Forward(t, x), c.newH.Forward(t, t.Mul("gated", f, h))))
	return []*nn.Node{t.Add("next", h, t.Mul("moved", f, t.Sub("change", n, h)))}
}
