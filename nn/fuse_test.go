package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// fused is a small network and the rules that join its operations.
type fused struct {
	name  string
	build func(ps *Params) func(t *Tape, x *Node) *Node // of images of 4 channels, 6x6
	want  []string                                      // in order: "rule: operation, operation"
	mode  Mode
}

// fusedNetworks is which rule fires where.
func fusedNetworks() []fused {
	norm := func(ps *Params, name string) *BatchNorm { return NewBatchNorm(ps, name, 4, BatchNormOptions{}) }
	half := tensor.PoolShape{KH: 2, KW: 2}
	// of makes a network of a convolution, a norm and another of each.
	of := func(f func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node) func(ps *Params) func(t *Tape, x *Node) *Node {
		return func(ps *Params) func(t *Tape, x *Node) *Node {
			c, d, n, m := same3x3(ps, "c", 4, 4, false), same3x3(ps, "d", 4, 4, true), norm(ps, "n"), norm(ps, "m")
			return func(t *Tape, x *Node) *Node { return f(t, x, c, d, n, m) }
		}
	}
	act := func(f func(t *Tape, name string, x *Node) *Node) func(ps *Params) func(t *Tape, x *Node) *Node {
		return of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return d.Forward(t, f(t, "act", n.Forward(t, c.Forward(t, x))))
		})
	}
	block := of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
		y := n.Forward(t, c.Forward(t, x))
		return t.ReLU("relu", t.Add("add", y, m.Forward(t, d.Forward(t, x)))) // the other branch lies between
	})
	return []fused{
		{"norm and rectifier", act((*Tape).ReLU), []string{"norm + activation: n, act", "moments in convolution: c, n", "sums in convolution's backward: n, d"}, Training},
		{"norm and rectifier that is cut", act((*Tape).ReLU6), []string{"norm + activation: n, act", "moments in convolution: c, n", "sums in convolution's backward: n, d"}, Training},
		{"norm and what needs its input", act((*Tape).SiLU), []string{"norm + activation: n, act", "moments in convolution: c, n"}, Training},
		{"norm and what needs its input, GELU", act((*Tape).GELU), []string{"norm + activation: n, act", "moments in convolution: c, n"}, Training},
		{"norm and what needs its input, hard swish", act((*Tape).HardSwish), []string{"norm + activation: n, act", "moments in convolution: c, n"}, Training},
		{"norm and what needs its result", act((*Tape).Tanh), []string{"norm + activation: n, act", "moments in convolution: c, n"}, Training},
		{"inference", act((*Tape).SiLU), []string{"norm + activation: n, act"}, Inference},
		{"the end of a block", block, []string{"norm + add: m, add", "norm + activation: m, relu", "moments in convolution: c, n", "moments in convolution: d, m"}, Training},
		{"the end of a block, inference", block, []string{"norm + add: m, add", "norm + activation: m, relu"}, Inference},
		{"the block's input, added by the norm that reads it", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.SiLU("silu", t.Add("add", x, n.Forward(t, x)))
		}), []string{"norm + add: n, add", "norm + activation: n, silu"}, Training},
		{"an earlier norm, where the later one is read twice", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y, z := n.Forward(t, t.Tanh("tanh", x)), m.Forward(t, t.Softmax("softmax", x))
			return t.Add("again", z, t.Add("add", y, z))
		}), []string{"norm + add: n, add"}, Training},
		{"a result that is kept", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, x)
			t.Keep(y)
			return t.ReLU("relu", y)
		}), nil, Training},
		{"a result that is read twice", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, x)
			return t.Add("add", t.ReLU("relu", y), y)
		}), nil, Training},
		{"a result that is added to itself", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, x)
			return t.Add("add", y, y)
		}), nil, Training},
		{"one activation behind another", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.Tanh("tanh", t.ReLU("relu", n.Forward(t, x)))
		}), []string{"norm + activation: n, relu"}, Training},
		{"an addition behind an activation", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.Add("add", t.ReLU("relu", n.Forward(t, x)), x)
		}), []string{"norm + activation: n, relu"}, Training},
		{"the norm's input, read between", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, x)
			return t.Add("add", y, t.Tanh("tanh", x)) // would change the order in which x's gradient is added up
		}), nil, Training},
		{"the norm's weights, used between", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, c.Forward(t, x))
			return t.Add("add", y, t.Tanh("tanh", n.Forward(t, t.Softmax("softmax", x))))
		}), []string{"norm + activation: n, tanh", "moments in convolution: c, n"}, Training},
		{"two norms of one convolution", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := c.Forward(t, x)
			a := t.Softmax("a", n.Forward(t, y))
			return t.Add("add", a, t.Softmax("b", m.Forward(t, y)))
		}), []string{"moments in convolution: c, n"}, Training},
		{"a convolution that reads a norm second", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := n.Forward(t, x)
			z := t.Softmax("softmax", y)
			return t.Add("add", z, d.Forward(t, y))
		}), nil, Training},
		{"group norm and rectifier", func(ps *Params) func(t *Tape, x *Node) *Node {
			n, m := NewGroupNorm(ps, "n", 2, 4, true), NewInstanceNorm(ps, "m", 4, false)
			return func(t *Tape, x *Node) *Node {
				return t.SiLU("silu", m.Forward(t, t.ReLU6("relu", n.Forward(t, x))))
			}
		}, []string{"group norm + rectifier: n, relu"}, Training},
		{"convolution and max pool", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.MaxPool("pool", t.spread(t.MaxPool("small", c.Forward(t, x), half)), half)
		}), []string{"convolution in max pool: c, small"}, Training},
		{"rectifier before a max pool", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return d.Forward(t, t.MaxPool("pool", t.ReLU6("relu", c.Forward(t, x)), tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 1, PadH: 1, PadW: 1}))
		}), []string{"rectifier behind max pool: relu, pool", "convolution in max pool: c, pool"}, Training},
		{"rectifier before a max pool, inference", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.MaxPool("pool", t.ReLU("relu", c.Forward(t, x)), half)
		}), []string{"rectifier behind max pool: relu, pool"}, Inference},
		{"norm, rectifier and max pool", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.MaxPool("pool", t.ReLU("relu", n.Forward(t, x)), half)
		}), []string{"norm + activation: n, relu"}, Training},
		{"rectifier that is read by others than a max pool", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := t.ReLU("relu", c.Forward(t, x))
			return d.Forward(t, t.Concat("cat", t.MaxPool("a", t.Slice("s", y, 0, 2), half), t.MaxPool("b", t.Slice("r", y, 2, 4), half)))
		}), []string{"columns of concatenation: a, b, cat", "slice where it lies: s", "slice where it lies: r"}, Training},
		{"rectifier before a max pool whose maxima others place", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y, maxima := t.MaxPoolMaxima("pool", t.ReLU("relu", c.Forward(t, x)), half)
			return t.MaxUnpool("unpool", d.Forward(t, y), maxima)
		}), nil, Training},
		{"rectifier before a max pool whose maxima others place, inference", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y, maxima := t.MaxPoolMaxima("pool", t.ReLU("relu", c.Forward(t, x)), half)
			return t.MaxUnpool("unpool", d.Forward(t, y), maxima)
		}), nil, Inference},
		{"curve before a max pool, which rounding may level", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.MaxPool("pool", t.Tanh("tanh", c.Forward(t, x)), half)
		}), nil, Training},
		{"max pool in inference, which frees the convolution's input", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			return t.MaxPool("pool", c.Forward(t, x), half)
		}), nil, Inference},
		{"max pool of what is kept", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := c.Forward(t, x)
			t.Keep(y)
			return t.MaxPool("pool", y, half)
		}), nil, Training},
		{"max pool of what is read again", of(func(t *Tape, x *Node, c, d *Conv2d, n, m *BatchNorm) *Node {
			y := c.Forward(t, x)
			p := t.MaxPool("pool", y, half)
			t.Keep(t.GlobalAvgPool("mean", y))
			return p
		}), nil, Training},
	}
}

// on gives the network its images.
func (f *fused) on(shape Shape) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x, forward := newImageSource(ps, "x", shape, 6, 6, 4), f.build(ps)
		return func(t *Tape, _ *States) *Node { return forward(t, x.Forward(t)) }
	}
}

func texts(fusions []Fusion) []string {
	var all []string
	for _, f := range fusions {
		all = append(all, f.Rule+": "+strings.Join(f.Where, ", "))
	}
	return all
}

// Rules fire where they should and nowhere else, and a tape that is looked at
// from the start has all its values.
func TestFusions(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	for _, f := range fusedNetworks() {
		t.Run(f.name, func(t *testing.T) {
			r := newRig(nil, shape, f.on(shape))
			got := texts(r.tape(shape.Lanes, 0, f.mode).Fusions())
			if !slices.Equal(got, f.want) {
				t.Errorf("fusions %q, want %q", got, f.want)
			}
			r.seen = true
			for _, text := range texts(r.tape(shape.Lanes, 0, f.mode).Fusions()) {
				if strings.Contains(text, "+") || strings.Contains(text, "in max pool") {
					t.Errorf("%s, though it is looked at", text)
				}
			}
		})
	}
}

// What is fused yields the bits of what is not, wherever lanes are computed, and
// relies on no memory that is not its own.
func TestFusedBits(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	pool := tensor.NewPool(3)
	defer pool.Close()
	for _, f := range fusedNetworks() {
		if f.mode != Training {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			lanecheck(t, shape, f.on(shape))
			r := newRig(pool, shape, f.on(shape))
			r.seen = true
			apart := r.run([]int{4})
			if err := runLanes(shape, f.on(shape), 1, []int{4}).differs(apart); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFusedInferenceBits(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for _, f := range fusedNetworks() {
		var outputs [2][]float32
		for i := range outputs {
			r := newRig(nil, shape, f.on(shape))
			r.params.Initialize(1)
			r.params.Changed()
			r.seen = i == 1
			tape := r.tape(shape.Lanes, 0, Inference)
			tape.Forward()
			outputs[i] = slices.Clone(r.output.Value().Data)
		}
		if err := sameBits(outputs[0], outputs[1]); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// A fused step allocates nothing once it has run.
func TestFusedStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	pool := tensor.NewPool(2)
	defer pool.Close()
	for _, f := range fusedNetworks() {
		if f.mode != Training {
			continue
		}
		r := newRig(pool, shape, f.on(shape))
		tape := r.tape(2, 0, Training)
		step := func() {
			r.params.Changed()
			tape.Forward()
			tape.Backward(nil)
		}
		step()
		step()
		if n := allocations(5, step); n != 0 {
			t.Errorf("%s: %v allocations a step", f.name, n)
		}
	}
}

// A value that fusion leaves out is not to be had, and the panic says how.
func TestValueThatIsLeftOut(t *testing.T) {
	ps := NewParams()
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	x, norm := newImageSource(ps, "x", shape, 2, 2, 3), NewBatchNorm(ps, "n", 3, BatchNormOptions{})
	tape := NewTape(ps, nil, shape, Training, 0)
	y := norm.Forward(tape, x.Forward(tape))
	tape.ReLU("relu", y)
	tape.Plan()
	if got, want := panicOf(func() { y.Value() }), "nn: the input of relu is never formed; Keep it before Plan"; got != want {
		t.Errorf("panic %q, want %q", got, want)
	}
}
