package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// imageOperations are the networks of one operation on images each.
func imageOperations(shape Shape) map[string]network {
	on := func(h, w, c int, f func(ps *Params, name string) func(*Tape, *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, op := newImageSource(ps, "x", shape, h, w, c), f(ps, "op")
			return func(t *Tape, _ *States) *Node { return op(t, x.Forward(t)) }
		}
	}
	conv := func(h, w int, s tensor.ConvShape, bias bool) network {
		return on(h, w, s.Cin, func(ps *Params, name string) func(*Tape, *Node) *Node {
			return NewConv2d(ps, name, s, bias, nil).Forward
		})
	}
	plain := func(h, w, c int, f func(t *Tape, x *Node) *Node) network {
		return on(h, w, c, func(*Params, string) func(*Tape, *Node) *Node { return f })
	}
	norm := func(add bool) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, z, op := newImageSource(ps, "x", shape, 3, 2, 5), newImageSource(ps, "z", shape, 3, 2, 5), NewBatchNorm(ps, "op", 5, BatchNormOptions{})
			return func(t *Tape, _ *States) *Node {
				y, other := op.Forward(t, x.Forward(t)), z.Forward(t)
				if add {
					y = t.Add("add", y, other)
				}
				return y
			}
		}
	}
	return map[string]network{
		"conv and norm": func(ps *Params) func(*Tape, *States) *Node {
			x, a, d := newImageSource(ps, "x", shape, 3, 2, 4), NewBatchNorm(ps, "a", 4, BatchNormOptions{}), NewBatchNorm(ps, "d", 4, BatchNormOptions{})
			c := NewConv2d(ps, "c", tensor.ConvShape{Cin: 4, Cout: 4, KH: 1, KW: 1}, false, nil)
			return func(t *Tape, _ *States) *Node {
				y := a.Forward(t, x.Forward(t))
				return t.Add("add", d.Forward(t, c.Forward(t, y)), y)
			}
		},
		"conv":           conv(4, 3, tensor.ConvShape{Cin: 3, Cout: 4, KH: 3, KW: 3, PadH: 1, PadW: 1}, true),
		"conv stride":    conv(5, 4, tensor.ConvShape{Cin: 2, Cout: 3, KH: 3, KW: 2, StrideH: 2, StrideW: 2, PadH: 1}, false),
		"conv dilated":   conv(5, 5, tensor.ConvShape{Cin: 2, Cout: 3, KH: 2, KW: 2, DilationH: 2, DilationW: 3}, true),
		"conv 1x1":       conv(2, 3, tensor.ConvShape{Cin: 4, Cout: 5, KH: 1, KW: 1}, true),
		"conv groups":    conv(3, 3, tensor.ConvShape{Cin: 4, Cout: 6, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 2}, true),
		"conv depthwise": conv(4, 3, tensor.ConvShape{Cin: 5, Cout: 5, KH: 3, KW: 3, StrideH: 2, PadH: 1, PadW: 1, Groups: 5}, false),
		"average pool": plain(5, 4, 3, func(t *Tape, x *Node) *Node {
			return t.AvgPool("pool", x, tensor.PoolShape{KH: 3, KW: 2, StrideH: 2, StrideW: 1, PadH: 1, PadW: 1}, false)
		}),
		"global average pool": plain(3, 4, 3, func(t *Tape, x *Node) *Node { return t.GlobalAvgPool("pool", x) }),
		"zero pad": plain(3, 4, 3, func(t *Tape, x *Node) *Node {
			return t.ZeroPad2d("pad", x, Margins{Top: 1, Left: -1, Bottom: -2, Right: 2})
		}),
		"affine":            plain(2, 2, 3, func(t *Tape, x *Node) *Node { return t.Affine("affine", x, []float32{2, -1, 0.5}, []float32{1, 0, -3}) }),
		"flatten":           plain(2, 3, 4, func(t *Tape, x *Node) *Node { return t.Flatten("flatten", x) }),
		"dropout of images": plain(2, 2, 3, NewDropout("drop", 0.4, 3).Forward),
		"add": plain(2, 2, 3, func(t *Tape, x *Node) *Node {
			return t.Add("add", x, t.Tanh("tanh", x))
		}),
		"batch norm":          norm(false),
		"batch norm residual": norm(true),
		"max pool": func(ps *Params) func(*Tape, *States) *Node {
			x := newImageSource(ps, "x", shape, 4, 5, 3)
			return func(t *Tape, _ *States) *Node {
				return t.MaxPool("pool", t.spread(x.Forward(t)), tensor.PoolShape{KH: 2, KW: 3, StrideW: 1, PadW: 1})
			}
		},
	}
}

// spread moves pixels of an image apart by more than finite differences reach,
// so that each window's maximum stays where it is.
func (t *Tape) spread(x *Node) *Node {
	op := &spread{x: x, y: t.like(x)}
	t.Record(op, Use{Name: "spread", Inputs: []*Node{x}, Outputs: []*Node{op.y}})
	return op.y
}

type spread struct{ x, y *Node }

func (o *spread) Forward() {
	pixels := o.x.Layout.Pixels()
	for i, v := range o.x.Value().Data {
		pixel, channel := i/o.x.Cols%pixels, i%o.x.Cols
		o.y.Value().Data[i] = v + float32((pixel*7+channel*3)%pixels)*2
	}
}

func (o *spread) Backward() { tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data) }

func TestImageGradients(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for name, build := range imageOperations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

// Winograd's convolutions pass the same checks; whatever pool records the network is told to use them.
func TestWinograd(t *testing.T) {
	build := func(shape Shape) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			const channels = 32 // the fewest that it takes
			x := newImageSource(ps, "x", shape, 4, 4, channels)
			conv := NewConv2d(ps, "op", tensor.ConvShape{Cin: channels, Cout: channels, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
			return func(t *Tape, _ *States) *Node {
				t.pool.SetConvMethod(tensor.Winograd)
				return conv.Forward(t, x.Forward(t))
			}
		}
	}
	t.Run("gradients", func(t *testing.T) {
		shape := Shape{Steps: 1, Lanes: 1, Rows: 1} // a gradient of nine thousand weights
		gradcheck(t, shape, build(shape))
	})
	t.Run("lanes", func(t *testing.T) {
		shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
		lanecheck(t, shape, build(shape))
	})
}

func TestImageLanes(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
	networks := imageOperations(shape)
	for name, r := range rectifiers {
		networks["batch norm, "+name] = func(ps *Params) func(*Tape, *States) *Node {
			// Large enough that statistics are taken over several blocks of rows.
			x, z, op := newImageSource(ps, "x", shape, 12, 9, 9), newImageSource(ps, "z", shape, 12, 9, 9), NewBatchNorm(ps, "op", 9, BatchNormOptions{})
			return func(t *Tape, _ *States) *Node { return r(t, t.Add("add", op.Forward(t, x.Forward(t)), z.Forward(t))) }
		}
	}
	for name, build := range networks {
		t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
	}
}

// A rectifier inside of a batch norm is the rectifier behind it, in values and
// gradients, and an added input is one added before.
func TestFusedBatchNorm(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	pair := func(fused bool) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, z, op := newImageSource(ps, "x", shape, 3, 3, 9), newImageSource(ps, "z", shape, 3, 3, 9), NewBatchNorm(ps, "op", 9, BatchNormOptions{})
			return func(t *Tape, _ *States) *Node {
				y := op.Forward(t, x.Forward(t))
				sum := t.Add("add", y, z.Forward(t))
				if !fused {
					t.Keep(y)
					t.Keep(sum)
				}
				return t.ReLU("relu", sum)
			}
		}
	}
	got, want := runLanes(shape, pair(true), 1, []int{4}), runLanes(shape, pair(false), 1, []int{4})
	if err := got.differs(want); err != nil {
		t.Error(err)
	}
}

// Track folds what the lanes measured into the running statistics.
func TestTrack(t *testing.T) {
	ps := NewParams()
	norm := NewBatchNorm(ps, "bn", 2, BatchNormOptions{})
	ps.Allocate()
	ps.AllocateGrads(2)
	ps.Initialize(1)
	for lane, mean := range [][]float32{{1, -2}, {3, 4}} {
		copy(norm.Mean.Measured(lane), mean)
		copy(norm.Variance.Measured(lane), []float32{2, 5})
	}
	sum := make([]float32, ps.StatisticsSize())
	tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
	ps.Track(sum, 2)
	want := []float32{0.2, 0.1, 1.1, 1.4} // 0.9·0 + 0.1·mean(1, 3), …, 0.9·1 + 0.1·2, …
	for i, v := range slices.Concat(norm.Mean.Value(), norm.Variance.Value()) {
		if math.Abs(float64(v-want[i])) > 1e-6 {
			t.Errorf("statistic %d is %v, want %v", i, v, want[i])
		}
	}
	if ps.Counters[0].Name != "bn.num_batches_tracked" || ps.Counters[0].Value[0] != 1 {
		t.Errorf("counter %+v", ps.Counters[0])
	}
}

// One value has no variance: the tape says so before anything is computed.
func TestBatchNormOfOneValue(t *testing.T) {
	for _, mode := range []Mode{Training, Inference} {
		ps := NewParams()
		shape := Shape{Steps: 1, Lanes: 2, Rows: 1}
		tape := NewTape(ps, nil, shape, mode, 0)
		x := newImageSource(ps, "x", shape, 1, 1, 3)
		NewBatchNorm(ps, "bn", 3, BatchNormOptions{}).Forward(tape, x.Forward(tape))
		err := tape.Err()
		if (err != nil) != (mode == Training) || err != nil && !strings.Contains(err.Error(), "bn has one value") {
			t.Errorf("mode %v: error %v", mode, err)
		}
	}
}

// A replayed step of image operations allocates nothing.
func TestImageStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	pool := tensor.NewPool(2)
	defer pool.Close()
	for name, build := range imageOperations(shape) {
		r := newRig(pool, shape, build)
		tape := r.tape(2, 0, Training)
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
}

func TestImagePanics(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"c takes images of 4 channels, got 2x2 of 3": func(ps *Params, t *Tape, x *Node) {
			NewConv2d(ps, "c", tensor.ConvShape{Cin: 4, Cout: 1, KH: 1, KW: 1}, false, nil).Forward(t, x)
		},
		"c: convolution: a kernel 3 high": func(ps *Params, t *Tape, x *Node) {
			NewConv2d(ps, "c", tensor.ConvShape{Cin: 3, Cout: 1, KH: 3, KW: 1}, false, nil).Forward(t, x)
		},
		"p: pooling": func(_ *Params, t *Tape, x *Node) { t.MaxPool("p", x, tensor.PoolShape{KH: 5, KW: 5}) },
		"bn takes 4 channels, got 3": func(ps *Params, t *Tape, x *Node) {
			NewBatchNorm(ps, "bn", 4, BatchNormOptions{}).Forward(t, x)
		},
		"f takes images, got 8 rows": func(_ *Params, t *Tape, x *Node) { t.Flatten("f", t.Node(Layout{Steps: 1, Lanes: 1, Rows: 8}, 3)) },
		"add adds 8x3 and 2x12":      func(_ *Params, t *Tape, x *Node) { t.Add("add", x, t.Flatten("f", x)) },
		"5 pixel values are not 2": func(_ *Params, t *Tape, _ *Node) {
			t.Images(&Images{Height: 1, Width: 1, Channels: 1, Pixels: make([]float32, 5)})
		},
		"parameter c.weight registered": func(ps *Params, _ *Tape, _ *Node) { ps.AddCounter("c.weight"); ps.Add("c.weight", nil, 1) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newImageSource(ps, "x", shape, 2, 2, 3).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
