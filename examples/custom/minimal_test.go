package main

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// The shape of the layer.
const cellSteps, cellRows, cellIn, cellHidden = 5, 3, 2, 4

// minimalLayer is one layer of the cell. Its loss is half the sum of squares of a row's output, in the mean.
type minimalLayer struct {
	params *nn.Params
	tape   *nn.Tape
	loss   *nn.Loss
}

func newMinimalLayer(t *testing.T) *minimalLayer {
	l := &minimalLayer{params: nn.NewParams()}
	stack, err := nn.NewStack(l.params, "rnn", "minimal", cellIn, cellHidden, 1, nn.StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.params.Allocate()
	l.params.AllocateGrads(1)
	l.params.Initialize(3)
	shape := nn.Shape{Steps: cellSteps, Lanes: 1, Rows: cellRows}
	l.tape = nn.NewTape(l.params, tensor.NewPool(1), shape, nn.Training, 0)
	b := l.tape.NewBatch(nil)
	x := b.Values("x", cellIn)
	y := stack.Forward(l.tape, x, b.States)
	nn.Stream{Seed: 5}.Uniform(b.Part("x").(*nn.Values).Data, -1, 1)
	zeros := nn.NewTargetValues(y.Layout, cellHidden)
	l.loss = l.tape.RowLoss("loss", y, zeros, func(slopes, x, _ []float32) float64 {
		sum := 0.0
		for i, v := range x {
			slopes[i] = v
			sum += float64(v) * float64(v) / 2
		}
		return sum
	})
	l.loss.Total = cellSteps * cellRows
	l.tape.Keep(y)
	l.tape.Plan()
	l.check(t, b.Part("x").(*nn.Values), y)
	return l
}

// check holds the output against plain loops in float64.
func (l *minimalLayer) check(t *testing.T, x *nn.Values, y *nn.Node) {
	l.tape.Forward()
	product := func(name string, v []float64, bias bool) []float64 {
		w := l.params.Get("rnn." + name + "_l0.weight").Value()
		out := make([]float64, cellHidden)
		for i := range out {
			for k, a := range v {
				out[i] += a * float64(w.Row(i)[k])
			}
			if bias {
				out[i] += float64(l.params.Get("rnn." + name + "_l0.bias").Value().Data[i])
			}
		}
		return out
	}
	for row := range cellRows {
		h := make([]float64, cellHidden)
		for step := range cellSteps {
			var now []float64
			for _, v := range x.Matrix().Row(step*cellRows + row) {
				now = append(now, float64(v))
			}
			f, fh, gated := product("forget_x", now, true), product("forget_h", h, false), make([]float64, cellHidden)
			for i := range f {
				f[i] = 1 / (1 + math.Exp(-f[i]-fh[i]))
				gated[i] = f[i] * h[i]
			}
			n, nh := product("new_x", now, true), product("new_h", gated, false)
			for i := range h {
				h[i] = (1-f[i])*h[i] + f[i]*math.Tanh(n[i]+nh[i])
				if got := y.Value().Row(step*cellRows + row)[i]; math.Abs(float64(got)-h[i]) > 1e-6 {
					t.Fatalf("step %d, row %d: unit %d is %v, plain loops say %v", step, row, i, got, h[i])
				}
			}
		}
	}
}

// value is the loss of the weights as they are.
func (l *minimalLayer) value() float64 {
	l.params.Changed()
	l.tape.Forward()
	return l.loss.LaneSum[0] / l.loss.Total
}

// TestMinimal compares outputs with plain loops, and gradients with finite differences.
func TestMinimal(t *testing.T) {
	l := newMinimalLayer(t)
	l.tape.Backward(nil)
	gradients := append([]float32{}, l.params.ReadGrads(0)...)
	for i, g := range gradients {
		const step = 1.0 / 64
		was := l.params.Values[i]
		difference := func(by float32) float64 {
			l.params.Values[i] = was + by
			up := l.value()
			l.params.Values[i] = was - by
			return up - l.value()
		}
		want := (8*difference(step) - difference(2*step)) / (12 * step)
		l.params.Values[i] = was
		if math.Abs(float64(g)-want) > 1e-4*(0.1+math.Abs(want)) {
			t.Errorf("weight %d: gradient %v, finite differences %v", i, g, want)
		}
	}
}
