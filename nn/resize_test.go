package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// resizingOperations are the layers that change the size of images without weights. Each is applied twice, so that
// one gradient of x is set and the other added.
func resizingOperations(shape Shape) map[string]network {
	twice := func(height, width, cols int, apart bool, f func(t *Tape, name string, x *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			source := newImageSource(ps, "x", shape, height, width, cols)
			return func(t *Tape, _ *States) *Node {
				x := source.Forward(t)
				if apart {
					x = t.spread(x)
				}
				return t.Add("add", f(t, "a", x), f(t, "b", x))
			}
		}
	}
	return map[string]network{
		"nearest": twice(3, 4, 3, false, func(t *Tape, name string, x *Node) *Node {
			return t.Resize(name, x, ResizeOptions{Height: 5, Width: 3})
		}),
		"bilinear": twice(3, 4, 3, false, func(t *Tape, name string, x *Node) *Node {
			return t.Resize(name, x, ResizeOptions{Factor: 1.7, By: Bilinear})
		}),
		"bicubic": twice(3, 5, 2, false, func(t *Tape, name string, x *Node) *Node {
			return t.Resize(name, x, ResizeOptions{Height: 4, Width: 7, By: Bicubic, AlignCorners: true})
		}),
		"crop":             twice(4, 5, 3, false, func(t *Tape, name string, x *Node) *Node { return t.Crop(name, x, 1, 2, 3, 2) }),
		"adaptive average": twice(5, 4, 3, false, func(t *Tape, name string, x *Node) *Node { return t.AdaptiveAvgPool(name, x, 3, 2) }),
		"adaptive max":     twice(5, 4, 3, true, func(t *Tape, name string, x *Node) *Node { return t.AdaptiveMaxPool(name, x, 3, 2) }),
		"global max":       twice(3, 4, 3, true, func(t *Tape, name string, x *Node) *Node { return t.GlobalMaxPool(name, x) }),
		"unpool": twice(5, 4, 3, true, func(t *Tape, name string, x *Node) *Node {
			y, maxima := t.MaxPoolMaxima(name+".pool", x, tensor.PoolShape{KH: 2, KW: 2, Ceil: true})
			return t.MaxUnpool(name, t.Add(name+".add", t.Tanh(name+".tanh", y), y), maxima)
		}),
		"maxout": twice(2, 2, 6, true, func(t *Tape, name string, x *Node) *Node { return t.Maxout(name, x, 3) }),
		"pyramid": func(ps *Params) func(*Tape, *States) *Node {
			fine, coarse := newImageSource(ps, "fine", shape, 5, 4, 2), newImageSource(ps, "coarse", shape, 3, 2, 3)
			fpn := NewFPN(ps, "fpn", []int{2, 3}, 2)
			return func(t *Tape, _ *States) *Node {
				maps := fpn.Forward(t, []*Node{fine.Forward(t), coarse.Forward(t)})
				return t.Add("add", maps[0], t.Resize("up", maps[1], ResizeOptions{Height: 5, Width: 4}))
			}
		},
	}
}

func TestResizingGradients(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for name, build := range resizingOperations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestResizingLanes(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
	for name, build := range resizingOperations(shape) {
		t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
	}
}

func TestResizingAllocatesNothing(t *testing.T) { allocateNothing(t, resizingOperations) }

// The neck of a ResNet-50 has torchvision's names and parameters.
func TestFPNParameters(t *testing.T) {
	ps := NewParams()
	NewFPN(ps, "fpn", []int{256, 512, 1024, 2048}, 256)
	if ps.Size() != 3344384 {
		t.Errorf("%d parameters, want 3344384", ps.Size())
	}
	var names []string
	for _, p := range ps.List {
		names = append(names, p.Name)
	}
	for _, want := range []string{"fpn.inner_blocks.0.0.weight", "fpn.inner_blocks.3.0.bias", "fpn.layer_blocks.0.0.weight", "fpn.layer_blocks.3.0.bias"} {
		if !slices.Contains(names, want) {
			t.Errorf("no parameter %s among %v", want, names)
		}
	}
}

// Of equal values the first of a group is the maximum and takes the gradient; NaN is larger than all numbers.
func TestMaxoutTies(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 1}
	ps := NewParams()
	x := newSource(ps, "x", shape, 9)
	ps.Allocate()
	ps.AllocateGrads(1)
	nan := float32(math.NaN())
	copy(ps.Values, []float32{2, 2, 1, -1, 0, 0, 5, nan, 7})
	tape := NewTape(ps, nil, shape, Training, 0)
	y := tape.Maxout("max", x.Forward(tape), 3)
	newSeed(tape, y, []float32{1, 2, 3})
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	tape.Backward(nil)
	if err := sameBits(y.Value().Data, []float32{2, 0, nan}); err != nil {
		t.Error(err)
	}
	if err := sameBits(ps.Grads, []float32{1, 0, 0, 0, 2, 0, 0, 3, 0}); err != nil {
		t.Error(err)
	}
}

func TestResizingPanics(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(t *Tape, x *Node){
		"r: makes images of 0x0; use 1 to 65536 pixels, got 3 columns for 1 step": func(t *Tape, x *Node) { t.Resize("r", x, ResizeOptions{}) },
		"r: a size of 2x2 beside a factor":                                        func(t *Tape, x *Node) { t.Resize("r", x, ResizeOptions{Height: 2, Width: 2, Factor: 2}) },
		"r: makes images of 0x0;":                                                 func(t *Tape, x *Node) { t.Resize("r", x, ResizeOptions{Factor: 0.1}) },
		"r: resizes by nearest, which":                                            func(t *Tape, x *Node) { t.Resize("r", x, ResizeOptions{Factor: 2, AlignCorners: true}) },
		"r cuts 2x3 pixels from (1, 1) out of 3 columns":                          func(t *Tape, x *Node) { t.Crop("r", x, 1, 1, 2, 3) },
		"r: resizes by interpolation 7":                                           func(t *Tape, x *Node) { t.Resize("r", x, ResizeOptions{Factor: 2, By: 7}) },
		"r: takes images":                                                         func(t *Tape, x *Node) { t.Resize("r", t.Flatten("f", x), ResizeOptions{Height: 2, Width: 2}) },
		"a: bins: OutH is 0":                                                      func(t *Tape, x *Node) { t.AdaptiveAvgPool("a", x, 0, 1) },
		"a: bins: InH is 0":                                                       func(t *Tape, x *Node) { t.AdaptiveMaxPool("a", t.Flatten("f", x), 1, 1) },
		"m takes the maximum of groups of 2 columns, got 3":                       func(t *Tape, x *Node) { t.Maxout("m", x, 2) },
		"u takes one value for each maximum": func(t *Tape, x *Node) {
			_, maxima := t.MaxPoolMaxima("p", x, tensor.PoolShape{KH: 2, KW: 2})
			t.MaxUnpool("u", x, maxima)
		},
		"fpn takes 2 maps, got 1": func(t *Tape, x *Node) { NewFPN(NewParams(), "fpn", []int{3, 3}, 2).Forward(t, []*Node{x}) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
