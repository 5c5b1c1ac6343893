package nn

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// joins is small networks that join and cut columns, and which of them lie in
// another's memory.
func joins() []fused {
	one := func(ps *Params, name string, in, out int) *Conv2d {
		return NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: out, KH: 1, KW: 1}, true, nil)
	}
	norm := func(ps *Params, name string, channels int) *BatchNorm {
		return NewBatchNorm(ps, name, channels, BatchNormOptions{})
	}
	plain := func(f func(t *Tape, x *Node) *Node) func(ps *Params) func(t *Tape, x *Node) *Node {
		return func(*Params) func(t *Tape, x *Node) *Node { return f }
	}
	pad := tensor.PoolShape{KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1}
	return []fused{
		{"branches", func(ps *Params) func(t *Tape, x *Node) *Node {
			a, b, n, d, last := one(ps, "a", 4, 3), same3x3(ps, "b", 4, 5, false), norm(ps, "n", 5), one(ps, "d", 4, 2), one(ps, "last", 14, 3)
			return func(t *Tape, x *Node) *Node {
				x = t.Tanh("tanh", x)
				y := t.Concat("cat", a.Forward(t, x), t.ReLU("relu", n.Forward(t, b.Forward(t, x))),
					t.MaxPool("max", t.spread(x), pad), d.Forward(t, t.AvgPool("mean", x, pad, true)))
				return last.Forward(t, y)
			}
		}, []string{"norm + activation: n, relu", "moments in convolution: b, n", "columns of concatenation: a, n, max, d, cat"}, Training},
		{"smooth branches", func(ps *Params) func(t *Tape, x *Node) *Node {
			a, b, n, last := one(ps, "a", 4, 3), same3x3(ps, "b", 4, 5, false), norm(ps, "n", 5), one(ps, "last", 12, 3)
			return func(t *Tape, x *Node) *Node {
				x = t.Tanh("tanh", x)
				y := t.Concat("cat", a.Forward(t, x), t.GELU("gelu", n.Forward(t, b.Forward(t, x))), t.AvgPool("mean", x, pad, true))
				return last.Forward(t, y)
			}
		}, []string{"norm + activation: n, gelu", "moments in convolution: b, n", "columns of concatenation: a, n, mean, cat"}, Training},
		{"a block that grows", func(ps *Params) func(t *Tape, x *Node) *Node {
			start, last := one(ps, "start", 4, 3), norm(ps, "last", 9)
			var convs []*Conv2d
			var norms []*BatchNorm
			for i := range 3 {
				norms = append(norms, norm(ps, fmt.Sprint("n", i), 3+2*i))
				convs = append(convs, same3x3(ps, fmt.Sprint("c", i), 3+2*i, 2, false))
			}
			return func(t *Tape, x *Node) *Node {
				x = start.Forward(t, x)
				for i, c := range convs {
					y := c.Forward(t, t.ReLU(fmt.Sprint("relu", i), norms[i].Forward(t, x)))
					x = t.Concat(fmt.Sprint("cat", i), x, y)
				}
				return last.Forward(t, x)
			}
		}, []string{"norm + activation: n0, relu0", "norm + activation: n1, relu1", "norm + activation: n2, relu2",
			"moments in convolution: start, n0",
			"sums in convolution's backward: n0, c0", "sums in convolution's backward: n1, c1", "sums in convolution's backward: n2, c2",
			"columns of concatenation: cat1, c2, cat2", "columns of concatenation: cat0, c1, cat1", "columns of concatenation: start, c0, cat0"}, Training},
		{"a block that joins all before it", func(ps *Params) func(t *Tape, x *Node) *Node {
			start, a, b, last := one(ps, "start", 4, 3), one(ps, "a", 3, 2), same3x3(ps, "b", 5, 2, true), one(ps, "last", 7, 2)
			return func(t *Tape, x *Node) *Node {
				x = start.Forward(t, x)
				y := a.Forward(t, x)
				z := b.Forward(t, t.Concat("first", x, y))
				return last.Forward(t, t.Concat("all", x, y, z))
			}
		}, []string{"columns of concatenation: start, a, b, all", "columns of concatenation: start, a, first"}, Training},
		{"a block in another order", func(ps *Params) func(t *Tape, x *Node) *Node {
			start, a, b, last := one(ps, "start", 4, 3), one(ps, "a", 3, 2), same3x3(ps, "b", 5, 2, true), one(ps, "last", 7, 2)
			return func(t *Tape, x *Node) *Node {
				x = start.Forward(t, x)
				y := a.Forward(t, x)
				z := b.Forward(t, t.Concat("first", y, x))
				return last.Forward(t, t.Concat("all", x, y, z))
			}
		}, []string{"columns of concatenation: start, a, b, all"}, Training},
		{"one activation twice", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			return t.Sigmoid("sigmoid", t.Concat("cat", x, x))
		}), nil, Training},
		{"an input of the network", plain(func(t *Tape, x *Node) *Node {
			return t.Concat("cat", t.Images(somePixels(t, 6, 6, 3, 0)), t.Tanh("tanh", x))
		}), []string{"columns of concatenation: tanh, cat"}, Training},
		{"what is kept", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			t.Keep(x)
			return t.Concat("cat", x, t.SiLU("silu", x))
		}), []string{"columns of concatenation: silu, cat"}, Training},
		{"what is read by who knows no gaps", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			return t.Concat("cat", x, t.Softmax("softmax", x), t.spread(x))
		}), nil, Training},
		{"what is read later", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			y := t.Concat("cat", x, t.Sigmoid("sigmoid", x))
			return t.Concat("out", y, t.SiLU("silu", x))
		}), []string{"columns of concatenation: cat, silu, out", "columns of concatenation: tanh, sigmoid, cat"}, Training},
		{"two concatenations of one", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			y := t.SiLU("a", t.Concat("first", x, t.Sigmoid("sigmoid", x)))
			return t.Concat("last", t.SiLU("b", t.Concat("second", t.GELU("gelu", x), x)), y)
		}), []string{"columns of concatenation: b, a, last", "columns of concatenation: gelu, tanh, second", "columns of concatenation: sigmoid, first"}, Training},
		{"halves", func(ps *Params) func(t *Tape, x *Node) *Node {
			c := same3x3(ps, "c", 2, 2, true)
			return func(t *Tape, x *Node) *Node {
				x = t.Tanh("tanh", x)
				return t.Concat("cat", t.Slice("left", x, 0, 2), c.Forward(t, t.Slice("right", x, 2, 4)))
			}
		}, []string{"columns of concatenation: left, c, cat", "slice where it lies: right"}, Training},
		{"an activation and a slice of it", plain(func(t *Tape, x *Node) *Node {
			x = t.Tanh("tanh", x)
			return t.Sigmoid("out", t.Concat("cat", x, t.Slice("part", x, 1, 3)))
		}), []string{"columns of concatenation: tanh, part, cat"}, Training},
		{"slices of slices, one of which nobody can read where it lies", plain(func(t *Tape, x *Node) *Node {
			y := t.Slice("inner", t.Slice("outer", t.Tanh("tanh", x), 1, 4), 1, 3)
			return t.Concat("cat", t.Softmax("softmax", y), t.Sigmoid("sigmoid", t.Slice("last", x, 3, 4)))
		}), []string{"columns of concatenation: sigmoid, cat", "slice where it lies: outer", "slice where it lies: last"}, Training},
		{"a norm that adds columns", func(ps *Params) func(t *Tape, x *Node) *Node {
			n, c := norm(ps, "n", 4), same3x3(ps, "c", 4, 4, false)
			return func(t *Tape, x *Node) *Node {
				x = t.Tanh("tanh", x)
				y := t.SiLU("silu", t.Add("add", n.Forward(t, c.Forward(t, x)), x))
				return t.Sigmoid("out", t.Concat("cat", x, y))
			}
		}, []string{"norm + add: n, add", "norm + activation: n, silu", "moments in convolution: c, n", "columns of concatenation: tanh, n, cat"}, Training},
		{"branches, inference", plain(func(t *Tape, x *Node) *Node {
			return t.Tanh("out", t.Concat("cat", t.Tanh("a", x), t.MaxPool("max", x, pad)))
		}), []string{"columns of concatenation: a, max, cat"}, Inference},
	}
}

// What lies in another's memory is what the rules say.
func TestJoins(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	for _, f := range joins() {
		r := newRig(nil, shape, f.on(shape))
		if got := texts(r.tape(shape.Lanes, 0, f.mode).Fusions()); !slices.Equal(got, f.want) {
			t.Errorf("%s: fusions %q, want %q", f.name, got, f.want)
		}
	}
}

// Values and gradients are those of copies, bit by bit, and right.
func TestJoinedBits(t *testing.T) {
	one, four := Shape{Steps: 1, Lanes: 1, Rows: 1}, Shape{Steps: 1, Lanes: 4, Rows: 2}
	pool := tensor.NewPool(2)
	defer pool.Close()
	for _, f := range joins() {
		if f.mode != Training {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			if name := f.name; name != "branches" && name != "a block that grows" { // which have corners
				gradcheck(t, one, f.on(one))
			}
			if f.name != "an input of the network" { // which are not by lane
				lanecheck(t, four, f.on(four))
			}
			r := newRig(pool, four, f.on(four))
			r.apart = true
			apart := r.run([]int{4})
			if err := runLanes(four, f.on(four), 1, []int{4}).differs(apart); err != nil {
				t.Errorf("against copies: %v", err)
			}
		})
	}
}

// Every way to compute a layer reads and writes columns of wider matrices as it
// does matrices of its own.
func TestStridedLayers(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 9}
	pool := tensor.NewPool(2)
	defer pool.Close()
	square := func(in, out, kernel, stride, groups int) func(ps *Params) func(t *Tape, x *Node) *Node {
		return func(ps *Params) func(t *Tape, x *Node) *Node {
			return NewConv2d(ps, "op", tensor.ConvShape{Cin: in, Cout: out, KH: kernel, KW: kernel, StrideH: stride, StrideW: stride,
				PadH: kernel / 2, PadW: kernel / 2, Groups: groups}, stride == 1, nil).Forward
		}
	}
	for name, c := range map[string]struct {
		cols   int
		method tensor.ConvMethod
		op     func(ps *Params) func(t *Tape, x *Node) *Node
	}{
		"few channels":       {3, tensor.Direct, square(3, 4, 3, 1, 1)},
		"many channels":      {32, tensor.Direct, square(32, 40, 3, 1, 1)},
		"winograd":           {32, tensor.Winograd, square(32, 32, 3, 1, 1)},
		"pointwise":          {24, tensor.Direct, square(24, 18, 1, 1, 1)},
		"pointwise, strides": {24, tensor.Direct, square(24, 33, 1, 2, 1)},
		"strides":            {9, tensor.Direct, square(9, 20, 3, 2, 1)},
		"depthwise":          {19, tensor.Direct, square(19, 19, 3, 1, 19)},
		"groups":             {12, tensor.Direct, square(12, 8, 3, 1, 4)},
		"transposed": {12, tensor.Direct, func(ps *Params) func(t *Tape, x *Node) *Node {
			s := tensor.ConvShape{Cin: 12, Cout: 7, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}
			return NewConvTranspose2d(ps, "op", s, [2]int{1, 1}, true, nil).Forward
		}},
		"norm": {11, tensor.Direct, func(ps *Params) func(t *Tape, x *Node) *Node {
			return NewBatchNorm(ps, "op", 11, BatchNormOptions{}).Forward
		}},
		"linear":  {13, tensor.Direct, func(ps *Params) func(t *Tape, x *Node) *Node { return NewLinear(ps, "op", 13, 7, true).Forward }},
		"dropout": {5, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node { return NewDropout("op", 0.3, 1).Forward }},
		"max pool": {9, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node {
				return t.MaxPool("op", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
			}
		}},
		"square max pool": {16, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.MaxPool("op", x, tensor.PoolShape{KH: 2, KW: 2}) }
		}},
		"mean pool": {9, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node {
				return t.AvgPool("op", x, tensor.PoolShape{KH: 2, KW: 2, StrideH: 1, StrideW: 1}, false)
			}
		}},
		"add": {6, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.Add("op", x, x) }
		}},
		"GELU": {6, tensor.Direct, func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.GELU("op", x) }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			pool.SetConvMethod(c.method)
			build := func(ps *Params) func(*Tape, *States) *Node {
				x, op := newImageSource(ps, "x", shape, 9, 8, c.cols), c.op(ps)
				again := NewBatchNorm(ps, "again", c.cols, BatchNormOptions{})
				return func(t *Tape, _ *States) *Node {
					from := x.Forward(t)
					in := t.ReLU("in", from)
					first := op(t, in) // reads columns of wide, and writes columns of out
					wide := t.Concat("wide", t.Tanh("beside", from), in, t.Tanh("behind", from))
					// So does norm, whose gradient adds to columns.
					y := t.ReLU("normed", again.Forward(t, t.Slice("slice", wide, c.cols, 2*c.cols)))
					second := op(t, y)
					return t.Concat("out", first, second)
				}
			}
			var results [2]laneResult
			for i := range results {
				r := newRig(pool, shape, build)
				r.apart = i == 1
				results[i] = r.run([]int{2})
				tape := r.tape(2, 0, Training)
				if all := strings.Join(texts(tape.Fusions()), "\n"); i == 0 && !strings.Contains(all, "beside, in, behind, wide") {
					t.Fatalf("fusions %s", all)
				}
			}
			if err := results[0].differs(results[1]); err != nil {
				t.Error(err)
			}
		})
	}
}

// A block that grows takes no memory for its concatenations.
func TestMemoryOfGrowingBlock(t *testing.T) {
	const layers, grow = 12, 4
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	measure := func(apart bool) int {
		ps := NewParams()
		x := newImageSource(ps, "x", shape, 8, 8, grow)
		tape := NewTape(ps, nil, shape, Training, 0)
		tape.apart = apart
		y := x.Forward(tape)
		for i := range layers {
			c := same3x3(ps, fmt.Sprint("c", i), y.Cols, grow, false)
			y = tape.Concat(fmt.Sprint("cat", i), y, c.Forward(tape, y))
		}
		newSeed(tape, y, make([]float32, y.Rows*y.Cols))
		return tape.Measure()
	}
	joined, copied := measure(false), measure(true)
	if limit := 3 * (layers + 2) * grow * 8 * 8 * shape.Rows; joined > limit || copied < 2*joined {
		t.Errorf("%d elements, %d with copies; want at most %d, and less than half", joined, copied, limit)
	}
}

func TestJoinPanics(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(t *Tape, x *Node){
		"nn: cat joins the columns of nothing": func(t *Tape, _ *Node) { t.Concat("cat") },
		"nn: cat joins the columns of other rows (3 columns for 1 step of 1 lane of 2 rows of 2x2 pixels; 12 columns": func(t *Tape, x *Node) {
			t.Concat("cat", x, t.Flatten("flat", x))
		},
		"nn: cut takes columns [2, 4) of 3 columns for 1 step": func(t *Tape, x *Node) { t.Slice("cut", x, 2, 4) },
		"nn: cut takes columns [1, 1) of 3 columns":            func(t *Tape, x *Node) { t.Slice("cut", x, 1, 1) },
		"nn: cut takes columns [-1, 1) of 3 columns":           func(t *Tape, x *Node) { t.Slice("cut", x, -1, 1) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
