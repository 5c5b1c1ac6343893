package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// A pooling that takes in the convolution before it yields what it does behind one whose outputs somebody else reads
// too; and a search for what is not finite finds the convolution, though its outputs are left out otherwise.
func TestPooledConvolution(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 9}
	run := func(shared bool) (*Tape, *Params, []float32) {
		ps := NewParams()
		x := newImageSource(ps, "x", shape, 6, 8, 2)
		conv := NewConv2d(ps, "conv", tensor.ConvShape{Cin: 2, Cout: 5, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
		ps.Allocate()
		ps.Initialize(3)
		tape := NewTape(ps, nil, shape, Training, 0)
		y := conv.Forward(tape, x.Forward(tape))
		best := tape.MaxPool("pool", y, tensor.PoolShape{KH: 2, KW: 2})
		if shared {
			tape.ReLU("relu", y)
		}
		tape.Keep(best)
		tape.Plan()
		tape.Forward()
		return tape, ps, best.Value().Data
	}
	_, _, want := run(true)
	tape, ps, got := run(false)
	if !slices.Equal(got, want) {
		t.Error("the maxima are others")
	}
	ps.Get("conv.weight").Value().Data[7] = float32(math.Inf(1))
	ps.Changed()
	if name := tape.FirstNonFinite(); name != "conv" {
		t.Errorf("%q blamed, want conv", name)
	}
}
