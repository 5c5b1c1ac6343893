package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// packedNetworks read one weight each, of several stages where it is a product's; kept has it that of another operation, too.
func packedNetworks(shape Shape, kept bool) map[string]network {
	layer := func(height, width, cols int, f func(ps *Params) (func(*Tape, *Node) *Node, func() *Param)) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x := newImageSource(ps, "x", shape, height, width, cols)
			record, weight := f(ps)
			return func(t *Tape, _ *States) *Node {
				y := record(t, x.Forward(t))
				if kept {
					t.Param(weight()).uses++
				}
				return y
			}
		}
	}
	linear := func(in, out int, bias bool) network {
		return layer(1, 1, in, func(ps *Params) (func(*Tape, *Node) *Node, func() *Param) {
			l := NewLinear(ps, "op", in, out, bias)
			return l.Forward, func() *Param { return l.Weight }
		})
	}
	return map[string]network{
		"high":  linear(700, 1801, true),
		"wide":  linear(1801, 700, false),
		"small": linear(5, 3, true),
		"convolution": layer(6, 5, 20, func(ps *Params) (func(*Tape, *Node) *Node, func() *Param) {
			l := NewConv2d(ps, "op", tensor.ConvShape{Cin: 20, Cout: 33, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
			return l.Forward, func() *Param { return l.Weight }
		}),
		"transposed": layer(3, 4, 20, func(ps *Params) (func(*Tape, *Node) *Node, func() *Param) {
			l := NewConvTranspose2d(ps, "op", tensor.ConvShape{Cin: 20, Cout: 33, KH: 3, KW: 3, StrideH: 2, StrideW: 2}, [2]int{}, true, nil)
			return l.Forward, func() *Param { return l.Weight }
		}),
	}
}

// Weights that are packed where they are read, a stage at a time, give the bits of those that are packed once and kept.
func TestPackedByTurns(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for name, kept := range packedNetworks(shape, true) {
		byTurns := packedNetworks(shape, false)[name]
		for _, threads := range []int{1, 2} {
			if err := runLanes(shape, byTurns, threads, []int{2}).differs(runLanes(shape, kept, threads, []int{1, 1})); err != nil {
				t.Errorf("%s on %d threads: %v", name, threads, err)
			}
		}
	}
}

// A tape that learns keeps no packed weights of products and convolutions, and one for inference does.
func TestPackedIsNotKept(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	ps := NewParams()
	conv := NewConv2d(ps, "conv", tensor.ConvShape{Cin: 64, Cout: 64, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
	first, last := NewLinear(ps, "first", 4096, 512, true), NewLinear(ps, "last", 512, 512, true)
	ps.Allocate()
	ps.AllocateGrads(1)
	ps.Initialize(1)
	tape := func(mode Mode) *Tape {
		shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
		tape := NewTape(ps, pool, shape, mode, 0)
		x := tape.Values(NewValues(shape.Layout().WithImage(8, 8), 64))
		y := last.Forward(tape, first.Forward(tape, tape.Flatten("flatten", conv.Forward(tape, x))))
		tape.CrossEntropy("loss", y, NewTargets(shape.Layout())).Total = 2
		return tape
	}
	learns := tape(Training)
	learning, inference := learns.Packed()
	learns.Plan()
	learns.Forward()
	learns.Backward(nil)
	if room := len(ps.room.memory); room == 0 || learning < room || learning-room > 2*ps.Size()/100 {
		t.Errorf("%d values of packed weights are planned, and there is room for %d", learning, room)
	}
	if least := ps.Size() * 99 / 100; inference < least {
		t.Errorf("inference is to keep %d values, want %d", inference, least)
	}
	if n := first.Weight.panels.forward.K() + first.Weight.panels.backward.K() + last.Weight.panels.backward.K(); n > 0 || conv.ready[0].forwardAt > 0 {
		t.Error("packed weights stay")
	}
	infers := tape(Inference)
	infers.Plan()
	infers.Forward()
	if first.Weight.panels.forward.K() != 4096 || conv.ready[0].forwardAt != ps.version {
		t.Error("inference packs weights every time")
	}
}

// A cell that is written as one step reads its weights at every time step: they are packed once for all of them.
func TestByStepPacksOnce(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 6, Lanes: 2, Rows: 3}
	r := newRig(pool, shape, func(ps *Params) func(*Tape, *States) *Node {
		x, s := newSource(ps, "x", shape, 5), kind{cell: "x-lstm", layers: 1}.build(t, ps, 5, 7)
		return func(t *Tape, states *States) *Node { return s.Forward(t, x.Forward(t), states) }
	})
	tape := r.tape(2, 0, Training)
	tape.Forward()
	tape.Backward(nil)
	matrices := 0
	for _, op := range tape.ops {
		o, ok := op.(*byStepOp)
		if !ok {
			continue
		}
		for p, w := range o.inner.weights {
			if w.Cols > 1 && strings.Contains(p.Name, "weight") {
				matrices++
				if w.panels.forwardAt != r.params.version || w.panels.backwardAt != r.params.version {
					t.Errorf("%s is packed anew at every step", p.Name)
				}
			}
		}
	}
	if matrices != 2 {
		t.Errorf("%d matrices, want 2", matrices)
	}
}
