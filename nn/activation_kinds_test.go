package nn

import (
	"strings"
	"testing"
)

// Functions have PyTorch's values and gradients.
func TestFunctionsAgainstPyTorch(t *testing.T) {
	plain := func(f func(t *Tape, x *Node, o options) *Node) referenceLayer {
		return one(func(_ *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return func(t *Tape, x *Node) *Node { return f(t, x, ref.Options) }
		})
	}
	compareReferences(t, "functions", map[string]referenceLayer{
		"leakyrelu":   plain(func(t *Tape, x *Node, o options) *Node { return t.LeakyReLU("op", x, o.float32("slope")) }),
		"hardsigmoid": plain(func(t *Tape, x *Node, _ options) *Node { return t.HardSigmoid("op", x) }),
		"hardswish":   plain(func(t *Tape, x *Node, _ options) *Node { return t.HardSwish("op", x) }),
		"gelutanh":    plain(func(t *Tape, x *Node, _ options) *Node { return t.GELUTanh("op", x) }),
		"elu":         plain(func(t *Tape, x *Node, o options) *Node { return t.ELU("op", x, o.float32("alpha")) }),
		"selu":        plain(func(t *Tape, x *Node, _ options) *Node { return t.SELU("op", x) }),
		"softplus":    plain(func(t *Tape, x *Node, o options) *Node { return t.Softplus("op", x, o.float32("beta")) }),
		"logsoftmax":  plain(func(t *Tape, x *Node, _ options) *Node { return t.LogSoftmax("op", x) }),
		"softmax":     plain(func(t *Tape, x *Node, _ options) *Node { return t.Softmax("op", x) }),
		"prelu": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return NewPReLU(ps, "op", len(ref.Weights["weight"])).Forward
		}),
	})
}

// functionOperations are the networks of one function each. Those with a corner
// at zero are shifted away from it.
func functionOperations(shape Shape) map[string]network {
	plain := func(f func(t *Tape, x *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x := newSource(ps, "x", shape, 5)
			return func(t *Tape, _ *States) *Node { return f(t, x.Forward(t)) }
		}
	}
	prelu := func(parameters int) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, p := newSource(ps, "x", shape, 5), NewPReLU(ps, "op", parameters)
			return func(t *Tape, _ *States) *Node { return p.Forward(t, t.shifted(x.Forward(t))) }
		}
	}
	return map[string]network{
		"leaky relu":   plain(func(t *Tape, x *Node) *Node { return t.LeakyReLU("op", t.shifted(x), 0.2) }),
		"hard sigmoid": plain(func(t *Tape, x *Node) *Node { return t.HardSigmoid("op", x) }),
		"hard swish":   plain(func(t *Tape, x *Node) *Node { return t.HardSwish("op", x) }),
		"gelu by tanh": plain(func(t *Tape, x *Node) *Node { return t.GELUTanh("op", x) }),
		"elu":          plain(func(t *Tape, x *Node) *Node { return t.ELU("op", t.shifted(x), 0.7) }),
		"selu":         plain(func(t *Tape, x *Node) *Node { return t.SELU("op", t.shifted(x)) }),
		"softplus":     plain(func(t *Tape, x *Node) *Node { return t.Softplus("op", x, 1.5) }),
		"log softmax":  plain(func(t *Tape, x *Node) *Node { return t.LogSoftmax("op", x) }),
		"prelu":        prelu(5),
		"prelu, one":   prelu(1),
	}
}

func TestFunctionGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	for name, build := range functionOperations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestFunctionLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 3, Lanes: 4, Rows: 2}, {Steps: 1, Lanes: 4, Rows: 700}} {
		for name, build := range functionOperations(shape) {
			if testing.Short() && shape.Rows > 2 && name != "log softmax" && name != "prelu" { // the others share rows out as these do
				continue
			}
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

func TestFunctionStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 300}
	for name, build := range functionOperations(shape) {
		requireNoAllocations(t, name, shape, build)
	}
}

// The weights of a PReLU of what wants no gradient have one.
func TestPReLUOfImages(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	gradcheck(t, shape, func(ps *Params) func(*Tape, *States) *Node {
		p := NewPReLU(ps, "op", 3)
		return func(t *Tape, _ *States) *Node { return p.Forward(t, t.Images(somePixels(t, 3, 2, 3, 0))) }
	})
}

func TestFunctionsRefuse(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"op takes a softmax over the columns of a row, got one": func(ps *Params, t *Tape, x *Node) {
			t.Softmax("op", NewLinear(ps, "fc", 3, 1, true).Forward(t, x))
		},
		"there is none over rows, pixels or time": func(ps *Params, t *Tape, x *Node) {
			t.LogSoftmax("op", NewLinear(ps, "fc", 3, 1, true).Forward(t, x))
		},
		"op takes a beta above zero, got 0":    func(_ *Params, t *Tape, x *Node) { t.Softplus("op", x, 0) },
		"op takes an alpha above zero, got -1": func(_ *Params, t *Tape, x *Node) { t.ELU("op", x, -1) },
		"op takes 4 channels, got 3":           func(ps *Params, t *Tape, x *Node) { NewPReLU(ps, "op", 4).Forward(t, x) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
