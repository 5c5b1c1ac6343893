package nn

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// normedBlocks is two inverted residual blocks over images of height x width.
func normedBlocks(shape Shape, height, width int) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newImageSource(ps, "x", shape, height, width, 8)
		first := NewBatchNorm(ps, "first", 8, BatchNormOptions{})
		var blocks []func(t *Tape, x *Node) *Node
		for _, name := range []string{"a", "b"} {
			wide := NewConv2d(ps, name+".wide", tensor.ConvShape{Cin: 8, Cout: 24, KH: 1, KW: 1}, false, nil)
			deep := NewConv2d(ps, name+".deep", tensor.ConvShape{Cin: 24, Cout: 24, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 24}, true, nil)
			narrow := NewConv2d(ps, name+".narrow", tensor.ConvShape{Cin: 24, Cout: 8, KH: 1, KW: 1}, false, nil)
			n, m, l := NewBatchNorm(ps, name+".n", 24, BatchNormOptions{}), NewBatchNorm(ps, name+".m", 24, BatchNormOptions{}), NewBatchNorm(ps, name+".l", 8, BatchNormOptions{})
			blocks = append(blocks, func(t *Tape, x *Node) *Node {
				h := t.ReLU6("relu6", n.Forward(t, wide.Forward(t, x)))
				h = t.ReLU6("relu6", m.Forward(t, deep.Forward(t, h)))
				return t.Add("add", l.Forward(t, narrow.Forward(t, h)), x)
			})
		}
		return func(t *Tape, _ *States) *Node {
			y := t.ReLU("relu", first.Forward(t, x.Forward(t)))
			for _, block := range blocks {
				y = block(t, y)
			}
			return y
		}
	}
}

func TestNormedBlocksByLane(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
	lanecheck(t, shape, normedBlocks(shape, 16, 16))
}

// What convolutions sum up for batch norms on the way is what those sum up by themselves.
func TestConvolutionsSumForBatchNorms(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 4}
	pool := tensor.NewPool(2)
	defer pool.Close()
	run := func(alone bool) (outputs, grads []float32) {
		rig := newRig(pool, shape, normedBlocks(shape, 12, 8))
		tape := rig.tape(shape.Lanes, 0, Training)
		summed := 0
		for _, op := range tape.ops {
			switch op := op.(type) {
			case *conv2d:
				if op.behind != nil && op.before != nil {
					summed++
				}
				if alone {
					op.behind, op.before = nil, nil
				}
			case *batchNorm:
				if alone {
					op.measured, op.summed = false, false
				}
			}
		}
		if summed != 6 {
			t.Errorf("%d convolutions sum for batch norms on both sides", summed)
		}
		tape.Forward()
		outputs = append(outputs, rig.output.Value().Data...)
		tape.Backward(nil)
		return outputs, rig.params.Grads
	}
	outputs, grads := run(false)
	wantOutputs, wantGrads := run(true)
	if err := sameBits(outputs, wantOutputs); err != nil {
		t.Errorf("outputs: %v", err)
	}
	if err := sameBits(grads, wantGrads); err != nil {
		t.Errorf("gradients: %v", err)
	}
}
