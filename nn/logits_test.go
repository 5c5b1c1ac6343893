package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Probabilities are told from logits behind all that only picks from them, or means them.
func TestProbabilitiesInDisguise(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	window := tensor.PoolShape{KH: 2, KW: 2, StrideH: 1, StrideW: 1}
	for name, f := range map[string]func(ps *Params, t *Tape, p, x *Node) *Node{ // p are probabilities, x is not
		"themselves": func(_ *Params, t *Tape, p, x *Node) *Node { return p },
		"flattened":  func(_ *Params, t *Tape, p, x *Node) *Node { return t.Flatten("f", p) },
		"images again": func(_ *Params, t *Tape, p, x *Node) *Node {
			return t.Unflatten("u", t.Flatten("f", p), 3, 2)
		},
		"a sequence": func(_ *Params, t *Tape, p, x *Node) *Node { return t.WidthToTime("w", p) },
		"reversed, without padding": func(_ *Params, t *Tape, p, x *Node) *Node {
			lengths := NewLengths(Shape{Steps: 3, Lanes: 1, Rows: 2})
			return t.ZeroPadding("z", t.Reverse("r", t.WidthToTime("w", p), nil), lengths)
		},
		"the last step":    func(_ *Params, t *Tape, p, x *Node) *Node { return t.Last("l", t.WidthToTime("w", p), nil) },
		"a mean over time": func(_ *Params, t *Tape, p, x *Node) *Node { return t.MeanOverTime("m", t.WidthToTime("w", p), nil) },
		"columns":          func(_ *Params, t *Tape, p, x *Node) *Node { return t.Slice("s", p, 1, 4) },
		"a part":           func(_ *Params, t *Tape, p, x *Node) *Node { return t.Crop("c", p, 0, 1, 2, 2) },
		"with a margin":    func(_ *Params, t *Tape, p, x *Node) *Node { return t.ZeroPad2d("z", p, Margins{Top: 1}) },
		"maxima":           func(_ *Params, t *Tape, p, x *Node) *Node { return t.MaxPool("m", p, window) },
		"a global maximum": func(_ *Params, t *Tape, p, x *Node) *Node { return t.GlobalMaxPool("m", p) },
		"bins of maxima":   func(_ *Params, t *Tape, p, x *Node) *Node { return t.AdaptiveMaxPool("m", p, 2, 2) },
		"means":            func(_ *Params, t *Tape, p, x *Node) *Node { return t.AvgPool("a", p, window, false) },
		"a global mean":    func(_ *Params, t *Tape, p, x *Node) *Node { return t.GlobalAvgPool("a", p) },
		"bins of means":    func(_ *Params, t *Tape, p, x *Node) *Node { return t.AdaptiveAvgPool("a", p, 2, 2) },
		"resized": func(_ *Params, t *Tape, p, x *Node) *Node {
			return t.Resize("r", p, ResizeOptions{Factor: 2, By: Bilinear})
		},
		"dropped":             func(_ *Params, t *Tape, p, x *Node) *Node { return NewDropout("d", 0.5, 1).Forward(t, p) },
		"channels dropped":    func(_ *Params, t *Tape, p, x *Node) *Node { return NewDropout2d("d", 0.5, 1).Forward(t, p) },
		"the largest of some": func(_ *Params, t *Tape, p, x *Node) *Node { return t.Maxout("m", p, 3) },
		"unpooled": func(_ *Params, t *Tape, p, x *Node) *Node {
			y, maxima := t.MaxPoolMaxima("m", p, window)
			return t.MaxUnpool("u", y, maxima)
		},
		"joined": func(_ *Params, t *Tape, p, x *Node) *Node { return t.Concat("c", p, t.Sigmoid("other", x)) },
		"the mean of two": func(_ *Params, t *Tape, p, x *Node) *Node {
			return t.WeightedAdd("w", []float32{0.5, 0.5}, p, t.Softmax("other", x))
		},
		"the sum of two": func(_ *Params, t *Tape, p, x *Node) *Node { return t.Add("a", p, t.Softmax("other", x)) },

		"not: beside others":         func(_ *Params, t *Tape, p, x *Node) *Node { return t.Concat("c", p, x) },
		"not: added to others":       func(_ *Params, t *Tape, p, x *Node) *Node { return t.Add("a", p, x) },
		"not: a difference":          func(_ *Params, t *Tape, p, x *Node) *Node { return t.Sub("s", p, t.Softmax("other", x)) },
		"not: scaled":                func(_ *Params, t *Tape, p, x *Node) *Node { return t.Scale("s", p, 20) },
		"not: behind a dense layer":  func(ps *Params, t *Tape, p, x *Node) *Node { return NewLinear(ps, "l", 6, 4, true).Forward(t, p) },
		"not: an input":              func(_ *Params, t *Tape, p, x *Node) *Node { return t.Images(somePixels(t, 1, 1, 3, 0)) },
		"not: pooled and multiplied": func(_ *Params, t *Tape, p, x *Node) *Node { return t.ScaleChannels("g", x, t.GlobalAvgImages("a", p)) },
	} {
		ps := NewParams()
		source := newImageSource(ps, "x", shape, 2, 3, 6)
		tape := NewTape(ps, nil, shape, Training, 0)
		x := source.Forward(tape)
		y := f(ps, tape, tape.Softmax("head.softmax", x), x)
		got := panicOf(func() { tape.CrossEntropy("loss", y, NewTargets(y.Layout)) })
		want := "got the probabilities that head.softmax gives"
		if not := strings.HasPrefix(name, "not: "); not && got != "" || !not && !strings.Contains(got, want) {
			t.Errorf("%s: panic %q", name, got)
		}
	}
}
