package nn

import (
	"strings"
	"testing"
)

// activationNames are the functions by the names of the references.
var activationNames = map[string]Activation{
	"relu": (*Tape).ReLU, "silu": (*Tape).SiLU, "sigmoid": (*Tape).Sigmoid, "hardsigmoid": (*Tape).HardSigmoid,
}

// Products have PyTorch's values and gradients.
func TestProductsAgainstPyTorch(t *testing.T) {
	plain := func(f func(t *Tape, x []*Node) *Node) referenceLayer {
		return func(*Params, *torchLayer) func(*Tape, []*Node) *Node { return f }
	}
	compareReferences(t, "products", map[string]referenceLayer{
		"mul":      plain(func(t *Tape, x []*Node) *Node { return t.Mul("op", x[0], x[1]) }),
		"sub":      plain(func(t *Tape, x []*Node) *Node { return t.Sub("op", x[0], x[1]) }),
		"weighted": plain(func(t *Tape, x []*Node) *Node { return t.WeightedAdd("op", []float32{0.5, -2, 0.25}, x...) }),
		"channels": plain(func(t *Tape, x []*Node) *Node { return t.ScaleChannels("op", x[0], x[1]) }),
		"layerscale": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return NewLayerScale(ps, "op.weight", 1, ref.Inputs[0].Channels, 1, 1).Forward
		}),
		"squeeze": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			name := func(option string) Activation { return activationNames[ref.Options[option].(string)] }
			return NewSqueezeExcitation(ps, "op", ref.Inputs[0].Channels, ref.Options.int("squeezed"), name("activation"), name("gate")).Forward
		}),
	})
}

// productOperations are the networks of one product each.
func productOperations(shape Shape) map[string]network {
	pair := func(f func(t *Tape, a, b *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			a, b := newImageSource(ps, "a", shape, 3, 2, 4), newImageSource(ps, "b", shape, 3, 2, 4)
			return func(t *Tape, _ *States) *Node { return f(t, a.Forward(t), b.Forward(t)) }
		}
	}
	return map[string]network{
		"add":    pair(func(t *Tape, a, b *Node) *Node { return t.Add("op", a, b) }),
		"double": pair(func(t *Tape, a, _ *Node) *Node { return t.Add("op", a, a) }),
		"double, and more": pair(func(t *Tape, a, b *Node) *Node {
			return t.Mul("more", t.Add("op", a, a), t.Add("again", b, a))
		}),
		"mul":            pair(func(t *Tape, a, b *Node) *Node { return t.Mul("op", a, b) }),
		"square":         pair(func(t *Tape, a, _ *Node) *Node { return t.Mul("op", a, a) }),
		"mul, twice":     pair(func(t *Tape, a, b *Node) *Node { return t.Mul("again", t.Mul("op", a, b), a) }),
		"sub":            pair(func(t *Tape, a, b *Node) *Node { return t.Sub("op", a, b) }),
		"sub, twice":     pair(func(t *Tape, a, b *Node) *Node { return t.Sub("again", t.Sub("op", a, b), b) }),
		"scale":          pair(func(t *Tape, a, _ *Node) *Node { return t.Scale("op", a, -1.5) }),
		"weighted add":   pair(func(t *Tape, a, b *Node) *Node { return t.WeightedAdd("op", []float32{2, -0.5, 0.25}, a, b, a) }),
		"scale channels": pair(func(t *Tape, a, b *Node) *Node { return t.ScaleChannels("op", a, t.GlobalAvgImages("mean", b)) }),
		"scale channels by rows": pair(func(t *Tape, a, b *Node) *Node {
			return t.ScaleChannels("op", a, t.GlobalAvgPool("mean", b))
		}),
		"scale channels by its own": pair(func(t *Tape, a, _ *Node) *Node { return t.ScaleChannels("op", a, t.GlobalAvgImages("mean", a)) }),
		"square of one pixel": pair(func(t *Tape, a, _ *Node) *Node {
			m := t.GlobalAvgImages("mean", a)
			return t.ScaleChannels("op", m, m)
		}),
		"layer scale": func(ps *Params) func(*Tape, *States) *Node {
			a, s := newImageSource(ps, "a", shape, 3, 2, 4), NewLayerScale(ps, "gamma", 1, 4)
			return func(t *Tape, _ *States) *Node {
				x := a.Forward(t)
				return t.Add("add", x, s.Forward(t, x))
			}
		},
		"squeeze and excitation": func(ps *Params) func(*Tape, *States) *Node {
			a, s := newImageSource(ps, "a", shape, 3, 2, 4), NewSqueezeExcitation(ps, "se", 4, 2, (*Tape).SiLU, nil)
			return func(t *Tape, _ *States) *Node { return s.Forward(t, a.Forward(t)) }
		},
	}
}

func TestProductGradients(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 2, Rows: 2}, {Steps: 2, Lanes: 2, Rows: 1}} {
		for name, build := range productOperations(shape) {
			t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
		}
	}
}

func TestProductLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 4, Rows: 3}, {Steps: 2, Lanes: 4, Rows: 2}} {
		for name, build := range productOperations(shape) {
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

func TestProductStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for name, build := range productOperations(shape) {
		requireNoAllocations(t, name, shape, build)
	}
}

func TestProductsRefuse(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"op multiplies 8x3 and 2x3":                   func(_ *Params, t *Tape, x *Node) { t.Mul("op", x, t.GlobalAvgPool("mean", x)) },
		"op subtracts 2x3 and 8x3":                    func(_ *Params, t *Tape, x *Node) { t.Sub("op", t.GlobalAvgPool("mean", x), x) },
		"op adds 8x3 and 2x3":                         func(_ *Params, t *Tape, x *Node) { t.WeightedAdd("op", []float32{1, 2}, x, t.GlobalAvgPool("mean", x)) },
		"op adds 1 activations with 2 weights":        func(_ *Params, t *Tape, x *Node) { t.WeightedAdd("op", []float32{1, 2}, x) },
		"op adds 0 activations":                       func(_ *Params, t *Tape, x *Node) { t.WeightedAdd("op", nil) },
		"op scales each channel of an image by one":   func(_ *Params, t *Tape, x *Node) { t.ScaleChannels("op", x, x) },
		"gamma takes 4 features, got 3":               func(ps *Params, t *Tape, x *Node) { NewLayerScale(ps, "gamma", 1, 4).Forward(t, x) },
		"se squeezes 3 channels to 0":                 func(ps *Params, t *Tape, x *Node) { NewSqueezeExcitation(ps, "se", 3, 0, nil, nil) },
		"se.fc1 takes images of 4 channels, got 1x1":  func(ps *Params, t *Tape, x *Node) { NewSqueezeExcitation(ps, "se", 4, 2, nil, nil).Forward(t, x) },
		"mean takes images, got 3 columns for 1 step": func(_ *Params, t *Tape, x *Node) { t.GlobalAvgImages("mean", t.GlobalAvgPool("pool", x)) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}

// The gradient of a first input takes the place of that of the result, unless the former is read once more.
func TestGradientsTakeThePlaceOfTheResults(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 1}
	for name, c := range map[string]struct {
		f    func(t *Tape, a, b *Node) *Node
		want bool
	}{
		"add":          {func(t *Tape, a, b *Node) *Node { return t.Add("op", a, b) }, true},
		"double":       {func(t *Tape, a, _ *Node) *Node { return t.Add("op", a, a) }, true},
		"mul":          {func(t *Tape, a, b *Node) *Node { return t.Mul("op", a, b) }, true},
		"square":       {func(t *Tape, a, _ *Node) *Node { return t.Mul("op", a, a) }, false},
		"scale":        {func(t *Tape, a, _ *Node) *Node { return t.Scale("op", a, 2) }, true},
		"weighted add": {func(t *Tape, a, b *Node) *Node { return t.WeightedAdd("op", []float32{2, 1, 1}, a, b, a) }, false},
		"reverse":      {func(t *Tape, a, _ *Node) *Node { return t.Reverse("op", a, nil) }, true},
	} {
		ps := NewParams()
		a, b := newSource(ps, "a", shape, 3), newSource(ps, "b", shape, 3)
		ps.Allocate()
		ps.AllocateGrads(shape.Lanes)
		tape := NewTape(ps, nil, shape, Training, 1)
		x, other := a.Forward(tape), b.Forward(tape)
		y := c.f(tape, x, other)
		newSeed(tape, y, make([]float32, y.Rows*y.Cols))
		tape.Plan()
		if got := x.grad == y.grad; got != c.want {
			t.Errorf("%s: in place: %v, want %v", name, got, c.want)
		}
	}
}
