package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Norms that know no batch have PyTorch's values and gradients.
func TestNormsAgainstPyTorch(t *testing.T) {
	compareReferences(t, "norms", map[string]referenceLayer{
		"layer": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			n := NewLayerNorm(ps, "op", ref.Inputs[0].Channels, ref.Options.is("affine"))
			n.Eps = ref.Options.float32("eps")
			return n.Forward
		}),
		"rms": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return NewRMSNorm(ps, "op", ref.Inputs[0].Channels).Forward
		}),
		"group": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return NewGroupNorm(ps, "op", ref.Options.int("groups"), ref.Inputs[0].Channels, ref.Options.is("affine")).Forward
		}),
		"instance": one(func(ps *Params, ref *torchLayer) func(*Tape, *Node) *Node {
			return NewInstanceNorm(ps, "op", ref.Inputs[0].Channels, ref.Options.is("affine")).Forward
		}),
	})
}

// normOperations are the networks of one norm each.
func normOperations(shape Shape) map[string]network {
	images := func(f func(ps *Params) func(*Tape, *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, op := newImageSource(ps, "x", shape, 3, 2, 6), f(ps)
			return func(t *Tape, _ *States) *Node { return op(t, x.Forward(t)) }
		}
	}
	rows := func(f func(ps *Params) func(*Tape, *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, op := newSource(ps, "x", shape, 6), f(ps)
			return func(t *Tape, _ *States) *Node { return op(t, x.Forward(t)) }
		}
	}
	layer := func(affine bool) func(ps *Params) func(*Tape, *Node) *Node {
		return func(ps *Params) func(*Tape, *Node) *Node { return NewLayerNorm(ps, "op", 6, affine).Forward }
	}
	group := func(groups int, affine bool) func(ps *Params) func(*Tape, *Node) *Node {
		return func(ps *Params) func(*Tape, *Node) *Node {
			n := NewGroupNorm(ps, "op", groups, 6, affine)
			n.Eps = 0.1 // finite differences of few values want it smooth
			return n.Forward
		}
	}
	return map[string]network{
		"layer norm":         rows(layer(true)),
		"layer norm, plain":  rows(layer(false)),
		"layer norm, images": images(layer(true)),
		"rms norm":           rows(func(ps *Params) func(*Tape, *Node) *Node { return NewRMSNorm(ps, "op", 6).Forward }),
		"group norm":         images(group(3, true)),
		"group norm, plain":  images(group(2, false)),
		"group norm of rows": rows(group(2, true)),
		"instance norm":      images(group(6, true)),
		"layer norm of a sum": images(func(ps *Params) func(*Tape, *Node) *Node {
			n := NewLayerNorm(ps, "op", 6, true)
			return func(t *Tape, x *Node) *Node { return t.Add("add", x, n.Forward(t, x)) } // its gradient is added to
		}),
	}
}

func TestNormGradients(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 2, Rows: 2}, {Steps: 3, Lanes: 2, Rows: 1}} {
		for name, build := range normOperations(shape) {
			t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
		}
	}
}

func TestNormLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 4, Rows: 3}, {Steps: 3, Lanes: 4, Rows: 2}} {
		networks := normOperations(shape)
		for name, r := range rectifiers {
			networks["large group norm, "+name] = func(ps *Params) func(*Tape, *States) *Node {
				x, op := newImageSource(ps, "x", shape, 17, 16, 20), NewGroupNorm(ps, "op", 5, 20, true)
				return func(t *Tape, _ *States) *Node { return r(t, op.Forward(t, x.Forward(t))) }
			}
		}
		networks["large layer norm"] = func(ps *Params) func(*Tape, *States) *Node {
			x, op := newImageSource(ps, "x", shape, 7, 6, 40), NewLayerNorm(ps, "op", 40, true)
			return func(t *Tape, _ *States) *Node { return op.Forward(t, x.Forward(t)) }
		}
		for name, build := range networks {
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

// What an image becomes does not depend on the others, nor on the mode.
func TestNormsOfOneImage(t *testing.T) {
	build := func(ps *Params) func(*Tape, *Node) *Node {
		group, layer := NewGroupNorm(ps, "group", 2, 6, true), NewLayerNorm(ps, "layer", 6, true)
		return func(t *Tape, x *Node) *Node { return layer.Forward(t, t.ReLU("relu", group.Forward(t, x))) }
	}
	run := func(rows int, mode Mode) []float32 {
		shape := Shape{Steps: 1, Lanes: 1, Rows: rows}
		r := newRig(nil, Shape{Steps: 1, Lanes: 1, Rows: 4}, func(ps *Params) func(*Tape, *States) *Node {
			op := build(ps)
			return func(t *Tape, _ *States) *Node { return op(t, t.Images(somePixels(t, 3, 2, 6, 0))) }
		})
		tape := NewTape(r.params, nil, shape, mode, 0)
		y := r.forward(tape, r.states)
		tape.Keep(y)
		tape.Plan()
		tape.Forward()
		return y.Value().Data[:3*2*6]
	}
	want := run(4, Training)
	for _, mode := range []Mode{Training, Inference} {
		for _, rows := range []int{1, 3} {
			if err := sameBits(run(rows, mode), want); err != nil {
				t.Errorf("%d images, mode %v: %v", rows, mode, err)
			}
		}
	}
}

func TestNormsRefuse(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"op takes 4 features, got 3":              func(ps *Params, t *Tape, x *Node) { NewLayerNorm(ps, "op", 4, true).Forward(t, x) },
		"op takes 4 channels, got 3":              func(ps *Params, t *Tape, x *Node) { NewGroupNorm(ps, "op", 2, 4, true).Forward(t, x) },
		"op has 2 groups of 3 channels":           func(ps *Params, _ *Tape, _ *Node) { NewGroupNorm(ps, "op", 2, 3, true) },
		"op has 0 groups of 3 channels":           func(ps *Params, _ *Tape, _ *Node) { NewGroupNorm(ps, "op", 0, 3, true) },
		"parameter op.weight has the empty shape": func(ps *Params, _ *Tape, _ *Node) { NewLayerNorm(ps, "op", 0, true) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
	ps := NewParams()
	tape := NewTape(ps, nil, shape, Training, 0)
	NewInstanceNorm(ps, "op", 3, false).Forward(tape, newSource(ps, "x", shape, 3).Forward(tape))
	if err := tape.Err(); err == nil || !strings.Contains(err.Error(), "op has one value in a group") {
		t.Errorf("error %v", err)
	}
}

// A replayed step of norms allocates nothing.
func TestNormStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for name, build := range normOperations(shape) {
		requireNoAllocations(t, name, shape, build)
	}
}

// requireNoAllocations replays a step of a network again and again.
func requireNoAllocations(t *testing.T, name string, shape Shape, build network) {
	t.Helper()
	pool := tensor.NewPool(2)
	defer pool.Close()
	r := newRig(pool, shape, build)
	tape := r.tape(shape.Lanes, 0, Training)
	step := func() {
		r.params.ZeroGrads()
		r.params.Changed()
		tape.Forward()
		tape.Backward(nil)
	}
	step()
	if n := allocations(5, step); n != 0 {
		t.Errorf("%s: %v allocations a step", name, n)
	}
}
