package nn_test

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// A final bias is added to every row of the output: moved by one, so does the output, whatever stands behind the layer. Where
// there is none, what stands in the way is named.
func TestFinalBias(t *testing.T) {
	image := func(t *nn.Tape) *nn.Node { return t.NewBatch(nil).Images("image", 6, 6, 2) }
	conv := func(ps *nn.Params, bias bool) *nn.Conv2d {
		return nn.NewConv2d(ps, "score", tensor.ConvShape{Cin: 2, Cout: 3, KH: 3, KW: 3, PadH: 1, PadW: 1}, bias, nil)
	}
	for _, c := range []struct {
		about string
		build func(ps *nn.Params) func(t *nn.Tape) *nn.Node
		want  string // the parameter, or a part of the error
	}{
		{"a dense layer", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			fc := nn.NewLinear(ps, "fc", 72, 3, true)
			return func(t *nn.Tape) *nn.Node { return fc.Forward(t, t.Flatten("flat", image(t))) }
		}, "fc.bias"},
		{"a convolution and the mean of its pixels", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node {
				return t.Flatten("flat", t.AdaptiveAvgPool("pool", score.Forward(t, image(t)), 1, 1))
			}
		}, "score.bias"},
		{"uneven bins, resized", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node {
				return t.Resize("up", t.AdaptiveAvgPool("pool", score.Forward(t, image(t)), 4, 4), nn.ResizeOptions{Height: 9, Width: 7, By: nn.Bicubic})
			}
		}, "score.bias"},
		{"the largest of pixels, cut", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node {
				return t.Crop("crop", t.MaxPool("pool", score.Forward(t, image(t)), tensor.PoolShape{KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1}), 1, 1, 3, 3)
			}
		}, "score.bias"},
		{"a term of a sum", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score, bare := conv(ps, true), nn.NewConv2d(ps, "bare", tensor.ConvShape{Cin: 2, Cout: 3, KH: 1, KW: 1}, false, nil)
			return func(t *nn.Tape) *nn.Node { x := image(t); return t.Add("sum", bare.Forward(t, x), score.Forward(t, x)) }
		}, "score.bias"},
		{"a convolution without one", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, false)
			return func(t *nn.Tape) *nn.Node { return score.Forward(t, image(t)) }
		}, "score has no bias"},
		{"means that count the padding", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node {
				return t.AvgPool("pool", score.Forward(t, image(t)), tensor.PoolShape{KH: 3, KW: 3, PadH: 1, PadW: 1}, true)
			}
		}, "it comes from pool, which is no dense layer or convolution"},
		{"pixels side by side", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node { return t.Flatten("flat", score.Forward(t, image(t))) }
		}, "it comes from flat"},
		{"an activation", func(ps *nn.Params) func(*nn.Tape) *nn.Node {
			score := conv(ps, true)
			return func(t *nn.Tape) *nn.Node { return t.ReLU("relu", score.Forward(t, image(t))) }
		}, "it comes from relu"},
		{"no layer", func(ps *nn.Params) func(*nn.Tape) *nn.Node { return image }, "no layer stands before it"},
	} {
		ps := nn.NewParams()
		forward := c.build(ps)
		ps.Allocate()
		ps.Initialize(3)
		tape := nn.NewTape(ps, tensor.NewPool(1), nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Inference, 0)
		out := forward(tape)
		p, err := tape.FinalBias(out)
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.about, err, c.want)
			}
			continue
		}
		if p.Name != c.want {
			t.Errorf("%s: %s, want %s", c.about, p.Name, c.want)
		}
		tape.Keep(out)
		tape.Plan()
		values := func() (all []float32) {
			tape.Begin(0, 0, 0)
			tape.Forward()
			for r := range out.Rows {
				all = append(all, out.Value().Row(r)...)
			}
			return all
		}
		before := values()
		for i := range p.Value().Data {
			p.Value().Data[i] += float32(i + 1)
		}
		ps.Changed()
		for i, v := range values() {
			if d := v - before[i] - float32(i%3+1); d > 1e-5 || d < -1e-5 {
				t.Fatalf("%s: value %d of the output moves by %v, and the bias by %d", c.about, i, v-before[i], i%3+1)
			}
		}
	}
}
