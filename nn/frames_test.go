package nn

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// frameNetwork reads sequences of images: a convolutional network for each
// frame, a packed bidirectional recurrent layer over the frames, and a dense one
// over its ends.
func frameNetwork(t testing.TB, shape Shape) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newImageSource(ps, "x", shape, 5, 4, 2)
		conv, norm := same3x3(ps, "conv", 2, 3, true), NewBatchNorm(ps, "norm", 3, BatchNormOptions{})
		stack, err := NewStack(ps, "rnn", "lstm", 3*2*2, 4, 1, StackOptions{Bidirectional: true})
		if err != nil {
			t.Fatal(err)
		}
		head := NewLinear(ps, "head", 8, 3, true)
		return func(t *Tape, _ *States) *Node {
			lengths := someLengths(t, shape)
			y := t.Tanh("tanh", norm.Forward(t, conv.Forward(t, x.Forward(t))))
			y = t.AvgPool("pool", y, tensor.PoolShape{KH: 2, KW: 2, StrideH: 2, StrideW: 2}, true)
			y = stack.ForwardPacked(t, t.Flatten("flatten", y), lengths, nil)
			return head.Forward(t, t.Ends("ends", y, lengths))
		}
	}
}

func TestFramesGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	gradcheck(t, shape, frameNetwork(t, shape))
}

func TestFramesLanes(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 4, Rows: 2}
	lanecheck(t, shape, frameNetwork(t, shape))
}
