package nn

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// The gradients that nobody wants are not counted: of what is frozen, and of what comes from outside or only frozen
// operations yield.
func TestTrainingOperations(t *testing.T) {
	images := Shape{Steps: 1, Lanes: 1, Rows: 2}
	convolutions := func(ps *Params) func(*Tape, *States) *Node {
		x := newImageSource(ps, "x", images, 4, 4, 3)
		a := NewConv2d(ps, "a", tensor.ConvShape{Cin: 3, Cout: 5, KH: 1, KW: 1}, true, nil)
		b := NewConv2d(ps, "b", tensor.ConvShape{Cin: 5, Cout: 7, KH: 1, KW: 1}, true, nil)
		return func(t *Tape, _ *States) *Node { return b.Forward(t, a.Forward(t, x.Forward(t))) }
	}
	const a, b = 2 * 32 * 3 * 5, 2 * 32 * 5 * 7 // of a forward over 32 pixels
	texts := Shape{Steps: 3, Lanes: 1, Rows: 2}
	lstm := kind{name: "lstm", cell: "lstm", layers: 1}.network(t, texts, 3, 5)
	const l = 2 * 6 * (4*5*3 + 4*5*5)
	for _, c := range []struct {
		frozen string
		shape  Shape
		build  network
		want   int
	}{
		{"", images, convolutions, 3*a + 3*b},
		{"x", images, convolutions, 2*a + 3*b},
		{"x, a.", images, convolutions, a + 2*b},
		{"b.", images, convolutions, 3*a + 2*b},
		{"x, a., b.", images, convolutions, a + b},
		{"", texts, lstm, 3 * l},
		{"rnn.", texts, lstm, 2 * l},
		{"x, rnn.", texts, lstm, l},
	} {
		names, err := ParseNames(c.frozen)
		if err != nil {
			t.Fatal(err)
		}
		pool := tensor.NewPool(1)
		r := newRig(pool, c.shape, c.build)
		r.params.Freeze(names)
		tape := r.tape(1, 0, Training)
		if got := tape.TrainingOperations(); got != c.want {
			t.Errorf("%q frozen: %d operations, want %d", c.frozen, got, c.want)
		}
		pool.Close()
	}
}
