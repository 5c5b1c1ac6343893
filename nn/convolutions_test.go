package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// convolutionOperations are the convolutions beside Conv2d, and the views of a batch that they read.
func convolutionOperations(shape Shape) map[string]network {
	images := func(height, width, cols int, f func(ps *Params) func(t *Tape, x *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, layer := newImageSource(ps, "x", shape, height, width, cols), f(ps)
			return func(t *Tape, _ *States) *Node {
				if x := x.Forward(t); shape.Steps == 1 {
					return layer(t, x)
				} else { // the gradient of x begins elsewhere
					return t.Add("add", layer(t, t.TimeToWidth("line", t.Flatten("flatten", x))), layer(t, t.TimeToWidth("line2", t.Flatten("flatten2", x))))
				}
			}
		}
	}
	transposed := func(height, width int, s tensor.ConvShape, outputPad [2]int, bias bool) network {
		return images(height, width, s.Cin, func(ps *Params) func(*Tape, *Node) *Node {
			l := NewConvTranspose2d(ps, "op", s, outputPad, bias, nil)
			return func(t *Tape, x *Node) *Node { return t.Add("add", l.Forward(t, x), l.Forward(t, x)) }
		})
	}
	networks := map[string]network{
		"transposed":           transposed(2, 3, tensor.ConvShape{Cin: 3, Cout: 4, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}, [2]int{1, 0}, true),
		"transposed groups":    transposed(3, 2, tensor.ConvShape{Cin: 4, Cout: 6, KH: 2, KW: 3, DilationH: 2, Groups: 2}, [2]int{}, false),
		"transposed depthwise": transposed(2, 2, tensor.ConvShape{Cin: 5, Cout: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 3, Groups: 5, Same: true}, [2]int{}, true),
		"separable": images(4, 3, 3, func(ps *Params) func(*Tape, *Node) *Node {
			return NewSeparableConv2d(ps, "op", tensor.ConvShape{Cin: 3, Cout: 4, KH: 3, KW: 3, PadH: 1, PadW: 1}, false, nil).Forward
		}),
		"conv 1d": images(1, 7, 3, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConv1d(ps, "op", tensor.ConvShape{Cin: 3, Cout: 4, KW: 3, StrideW: 2, Same: true}, true, nil).Forward
		}),
		"conv same": images(4, 6, 2, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConv2d(ps, "op", tensor.ConvShape{Cin: 2, Cout: 3, KH: 3, KW: 2, StrideH: 2, StrideW: 2, Same: true}, true, nil).Forward
		}),
		"unflatten": images(3, 2, 4, func(*Params) func(*Tape, *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.Unflatten("images", t.Flatten("rows", x), 2, 3) }
		}),
		"width to time": images(3, 2, 4, func(*Params) func(*Tape, *Node) *Node {
			return func(t *Tape, x *Node) *Node {
				return t.Add("add", t.WidthToTime("time", x), t.WidthToTime("time2", x))
			}
		}),
	}
	if shape.Steps > 1 {
		networks = map[string]network{
			"over time": images(1, 1, 3, func(ps *Params) func(*Tape, *Node) *Node {
				l := NewConv1d(ps, "op", tensor.ConvShape{Cin: 3, Cout: 4, KW: 3, StrideW: 2, PadW: 1}, true, nil)
				return func(t *Tape, x *Node) *Node { return t.WidthToTime("time", l.Forward(t, x)) }
			}),
		}
	}
	return networks
}

func TestConvolutionGradients(t *testing.T) {
	for _, steps := range []int{1, 5} {
		shape := Shape{Steps: steps, Lanes: 2, Rows: 2}
		for name, build := range convolutionOperations(shape) {
			t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
		}
	}
}

func TestConvolutionLanes(t *testing.T) {
	for _, steps := range []int{1, 5} {
		shape := Shape{Steps: steps, Lanes: 4, Rows: 3}
		for name, build := range convolutionOperations(shape) {
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

func TestConvolutionsAllocateNothing(t *testing.T) {
	allocateNothing(t, convolutionOperations)
}

// allocateNothing asks that replayed steps allocate nothing.
func allocateNothing(t *testing.T, networks func(Shape) map[string]network) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	pool := tensor.NewPool(2)
	defer pool.Close()
	for name, build := range networks(shape) {
		r := newRig(pool, shape, build)
		tape := r.tape(2, 0, Training)
		step := func() {
			r.params.Changed()
			tape.Forward()
			tape.Backward(nil)
		}
		step()
		if n := allocations(5, step); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

// The steps of a row lie side by side in the line that they become.
func TestTimeToWidth(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	ps := NewParams()
	x := newSource(ps, "x", shape, 1)
	ps.Allocate()
	for i := range ps.Values {
		ps.Values[i] = float32(i)
	}
	tape := NewTape(ps, nil, shape, Inference, 0)
	line := tape.TimeToWidth("line", x.Forward(tape))
	back := tape.WidthToTime("back", line)
	tape.Keep(line)
	tape.Keep(back)
	tape.Plan()
	tape.Forward()
	if want := (Layout{Steps: 1, Lanes: 2, Rows: 2, Height: 1, Width: 3}); line.Layout != want || back.Layout != shape.Layout() {
		t.Errorf("layouts %v and %v", line.Layout, back.Layout)
	}
	if err := sameBits(line.Value().Data, []float32{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}); err != nil {
		t.Error(err)
	}
	if err := sameBits(back.Value().Data, ps.Values); err != nil {
		t.Error(err)
	}
}

// A depthwise separable convolution of three channels to ten has 27 + 30 weights.
func TestSeparableParameters(t *testing.T) {
	ps := NewParams()
	NewSeparableConv2d(ps, "sep", tensor.ConvShape{Cin: 3, Cout: 10, KH: 3, KW: 3}, false, nil)
	if ps.Size() != 57 || ps.Get("sep.conv1.weight").Size() != 27 || ps.Get("sep.pointwise.weight").Size() != 30 {
		t.Errorf("%d parameters, want 27 and 30", ps.Size())
	}
}

// A transposed convolution that starts as BilinearInit leaves a constant image constant, but for its rim.
func TestBilinearInit(t *testing.T) {
	ps, shape := NewParams(), Shape{Steps: 1, Lanes: 1, Rows: 1}
	x := newImageSource(ps, "x", shape, 4, 3, 2)
	l := NewConvTranspose2d(ps, "up", tensor.ConvShape{Cin: 2, Cout: 2, KH: 4, KW: 4, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
		[2]int{}, false, BilinearInit(4, 4))
	ps.Allocate()
	ps.Initialize(1)
	for i := range 12 {
		copy(ps.Get("x").Value().Row(i), []float32{3, -5})
	}
	tape := NewTape(ps, nil, shape, Inference, 0)
	y := l.Forward(tape, x.Forward(tape))
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	if y.Layout.Height != 8 || y.Layout.Width != 6 {
		t.Fatalf("%v", y)
	}
	for row := 1; row < 7; row++ {
		for col := 1; col < 5; col++ {
			if got := y.Value().Row(row*6 + col); got[0] != 3 || got[1] != -5 {
				t.Errorf("pixel %d, %d is %v", row, col, got)
			}
		}
	}
}

// A kernel that the stride divides covers all pixels of the inside equally often; another one leaves a checkerboard.
func TestCheckerboard(t *testing.T) {
	for _, kernel := range []int{3, 4} {
		ps, shape := NewParams(), Shape{Steps: 1, Lanes: 1, Rows: 1}
		x := newImageSource(ps, "x", shape, 6, 6, 1)
		s := tensor.ConvShape{Cin: 1, Cout: 1, KH: kernel, KW: kernel, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}
		l := NewConvTranspose2d(ps, "up", s, [2]int{}, false, nil)
		ps.Allocate()
		tensor.Fill(ps.Values, 1)
		tape := NewTape(ps, nil, shape, Inference, 0)
		y := l.Forward(tape, x.Forward(tape))
		tape.Keep(y)
		tape.Plan()
		tape.Forward()
		times := map[float32]bool{}
		for row := 3; row < 7; row++ {
			for col := 3; col < 7; col++ {
				times[y.Value().Row(row*y.Layout.Width + col)[0]] = true
			}
		}
		if even := len(times) == 1; even != (kernel%2 == 0) {
			t.Errorf("a kernel of %d covers pixels %v times", kernel, times)
		}
	}
}

// Twice as large by a kernel of 3 and padding of 1: one row and column short, unless the output is padded.
func TestTransposedSizes(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 1}
	for extra, want := range []int{13, 14} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Inference, 0)
		x := newImageSource(ps, "x", shape, 7, 7, 2).Forward(tape)
		s := tensor.ConvShape{Cin: 2, Cout: 3, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}
		y := NewConvTranspose2d(ps, "up", s, [2]int{extra, extra}, false, nil).Forward(tape, x)
		if y.Layout.Height != want || y.Layout.Width != want || y.Cols != 3 {
			t.Errorf("output padding of %d: %v, want %dx%d", extra, y, want, want)
		}
	}
}

func TestConvolutionPanics(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"c takes images of one line (Tape.TimeToWidth": func(ps *Params, t *Tape, x *Node) {
			NewConv1d(ps, "c", tensor.ConvShape{Cin: 3, Cout: 1, KW: 1}, false, nil).Forward(t, x)
		},
		"c is along lines, but has a kernel 3 high": func(ps *Params, t *Tape, x *Node) {
			NewConv1d(ps, "c", tensor.ConvShape{Cin: 3, Cout: 1, KH: 3, KW: 1}, false, nil)
		},
		"u takes images of 4 channels, got 3 columns": func(ps *Params, t *Tape, x *Node) {
			NewConvTranspose2d(ps, "u", tensor.ConvShape{Cin: 4, Cout: 1, KH: 1, KW: 1}, [2]int{}, false, nil).Forward(t, x)
		},
		"u on images of 2x2: down: the output padding is 2": func(ps *Params, t *Tape, x *Node) {
			NewConvTranspose2d(ps, "u", tensor.ConvShape{Cin: 3, Cout: 1, KH: 3, KW: 3, StrideH: 2}, [2]int{2, 0}, false, nil).Forward(t, x)
		},
		"u on images of 2x2: across: an input of 2 and a kernel of 1": func(ps *Params, t *Tape, x *Node) {
			NewConvTranspose2d(ps, "u", tensor.ConvShape{Cin: 3, Cout: 1, KH: 1, KW: 1, PadW: 1}, [2]int{}, false, nil).Forward(t, x)
		},
		"u takes images of one line, got 3 columns": func(ps *Params, t *Tape, x *Node) {
			NewConvTranspose1d(ps, "u", tensor.ConvShape{Cin: 3, Cout: 1, KW: 1}, 0, false, nil).Forward(t, x)
		},
		"w takes images of one step": func(_ *Params, t *Tape, x *Node) { t.WidthToTime("w", t.Flatten("rows", x)) },
		"w takes a sequence of rows": func(_ *Params, t *Tape, x *Node) { t.TimeToWidth("w", x) },
		"i makes images of 2x3 of rows, got 4 columns": func(ps *Params, t *Tape, x *Node) {
			t.Unflatten("i", newSource(ps, "z", t.Shape, 4).Forward(t), 2, 3)
		},
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
