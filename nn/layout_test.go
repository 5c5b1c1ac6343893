package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// layouts are ways to lay out rows for a batch of the shape.
func layouts(s Shape) map[string]Layout {
	l := s.Layout()
	split, fewer := l, l
	split.Rows *= 2 // as where every row is cut in two
	fewer.Steps--   // as behind a convolution over time
	return map[string]Layout{
		"steps":           l,
		"split rows":      split,
		"other steps":     fewer,
		"images in steps": l.WithImage(3, 2),
		"split images":    split.WithImage(2, 2),
	}
}

// layers are the stock layers that take 4 features in any layout; of images
// alone where name says so.
func layers() map[string]func(ps *Params) func(t *Tape, x *Node) *Node {
	conv := func(norm bool) func(ps *Params) func(t *Tape, x *Node) *Node {
		return func(ps *Params) func(t *Tape, x *Node) *Node {
			c, n, again := same3x3(ps, "conv", 4, 5, !norm), NewBatchNorm(ps, "norm", 5, BatchNormOptions{}), same3x3(ps, "again", 5, 3, false)
			return func(t *Tape, x *Node) *Node {
				y := c.Forward(t, x)
				if norm {
					y = n.Forward(t, y)
				}
				return again.Forward(t, y)
			}
		}
	}
	return map[string]func(ps *Params) func(t *Tape, x *Node) *Node{
		"linear":  func(ps *Params) func(t *Tape, x *Node) *Node { return NewLinear(ps, "l", 4, 3, true).Forward },
		"dropout": func(*Params) func(t *Tape, x *Node) *Node { return NewDropout("drop", 0.4, 3).Forward },
		"batch norm": func(ps *Params) func(t *Tape, x *Node) *Node {
			norm := NewBatchNorm(ps, "norm", 4, BatchNormOptions{})
			return func(t *Tape, x *Node) *Node { return norm.Forward(t, x) }
		},
		"residual": func(ps *Params) func(t *Tape, x *Node) *Node {
			norm := NewBatchNorm(ps, "norm", 4, BatchNormOptions{})
			return func(t *Tape, x *Node) *Node { return t.Add("add", norm.Forward(t, t.Tanh("tanh", x)), x) }
		},
		"add": func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.Add("add", x, t.Softmax("softmax", x)) }
		},
		"images: convolution":               conv(false),
		"images: norm between convolutions": conv(true),
		"images: flatten": func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.Flatten("flatten", x) }
		},
		"images: pooling": func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node {
				return t.MaxPool("pool", t.spread(x), tensor.PoolShape{KH: 2, KW: 1})
			}
		},
		"images: mean": func(*Params) func(t *Tape, x *Node) *Node {
			return func(t *Tape, x *Node) *Node { return t.GlobalAvgPool("pool", x) }
		},
	}
}

// Every layer that takes rows of a layout has right gradients, and the same bits
// wherever lanes are computed.
func TestLayersTakeAnyLayout(t *testing.T) {
	for layer, make := range layers() {
		for name, l := range layouts(Shape{Steps: 3, Lanes: 1, Rows: 2}) {
			if strings.HasPrefix(layer, "images") && !l.IsImage() {
				continue
			}
			build := func(s Shape) network {
				all := l
				all.Lanes = s.Lanes
				return func(ps *Params) func(*Tape, *States) *Node {
					x, forward := newLayoutSource(ps, "x", s, all, 4), make(ps)
					return func(t *Tape, _ *States) *Node { return forward(t, x.Forward(t)) }
				}
			}
			t.Run(layer+" of "+name, func(t *testing.T) {
				two, four := Shape{Steps: 3, Lanes: 2, Rows: 2}, Shape{Steps: 3, Lanes: 4, Rows: 2}
				gradcheck(t, two, build(two))
				lanecheck(t, four, build(four))
			})
		}
	}
}

// Recurrent layers take their steps from their input.
func TestCellsOfOtherSteps(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			build := func(s Shape) network {
				l := s.Layout()
				l.Steps += 2
				return func(ps *Params) func(*Tape, *States) *Node {
					x, stack := newLayoutSource(ps, "x", s, l, 3), k.build(t, ps, 3, 4)
					return func(t *Tape, states *States) *Node { return stack.Forward(t, x.Forward(t), states) }
				}
			}
			two, four := Shape{Steps: 1, Lanes: 2, Rows: 2}, Shape{Steps: 2, Lanes: 4, Rows: 3}
			gradcheck(t, two, build(two))
			lanecheck(t, four, build(four))
		})
	}
}

// Of a sequence, a batch norm takes the moments over a lane's rows and steps, as
// torch.nn.BatchNorm1d over [rows, channels, steps].
func TestBatchNormOfSequence(t *testing.T) {
	const channels = 3
	shape := Shape{Steps: 5, Lanes: 2, Rows: 4}
	var norm *BatchNorm
	var x source
	r := newRig(nil, shape, func(ps *Params) func(*Tape, *States) *Node {
		x, norm = newSource(ps, "x", shape, channels), NewBatchNorm(ps, "norm", channels, BatchNormOptions{})
		return func(t *Tape, _ *States) *Node { return norm.Forward(t, x.Forward(t)) }
	})
	for i := range x.p.Value().Data { // steps far apart, and far from zero
		x.p.Value().Data[i] += float32(100 + 3*(i/(channels*shape.Lanes*shape.Rows)))
	}
	tape := r.tape(shape.Lanes, 0, Training)
	tape.Forward()
	y := r.output.Value()
	for lane := range shape.Lanes {
		var own, normed []float32
		for step := range shape.Steps {
			own = append(own, r.output.Layout.block(x.p.Value(), step, lane).Data...)
			normed = append(normed, r.output.Layout.block(y, step, lane).Data...)
		}
		for c := range channels {
			mean, variance := momentsOf(own, c, channels)
			near(t, "mean", norm.Mean.Measured(lane)[c:c+1], []float32{mean})
			near(t, "variance", norm.Variance.Measured(lane)[c:c+1], []float32{variance})
			n := float64(len(own) / channels)
			deviation := math.Sqrt(float64(variance)*(n-1)/n + 1e-5)
			weight, bias := norm.Weight.Value().Data[c], norm.Bias.Value().Data[c]
			for i := c; i < len(own); i += channels {
				want := (float64(own[i])-float64(mean))/deviation*float64(weight) + float64(bias)
				if math.Abs(float64(normed[i])-want) > 1e-4 {
					t.Fatalf("lane %d, channel %d: %v, want %v", lane, c, normed[i], want)
				}
			}
		}
	}
}

// What does not fit is refused with the layer's name and shapes.
func TestLayoutsThatDoNotFit(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 3}
	for want, f := range map[string]func(ps *Params, t *Tape, x *Node){
		"loss takes 12 rows and targets, got 12 and 12 (5 columns for 1 step of 2 lanes of 6 rows; the targets have 2 steps of 2 lanes of 3 rows)": func(_ *Params, t *Tape, x *Node) {
			t.CrossEntropy("loss", x, NewTargets(shape.Layout()))
		},
		"rnn.l0 takes 5 features for any steps of 3 rows of each lane, got 5 columns for 1 step of 2 lanes of 6 rows": func(ps *Params, t *Tape, x *Node) {
			s, _ := NewStack(ps, "rnn", "gru", 5, 2, 1, StackOptions{})
			s.Forward(t, x, NewStates(2, 3))
		},
		"add adds 12x5 and 12x5 (5 columns for 1 step of 2 lanes of 6 rows; 5 columns for 2 steps of 2 lanes of 3 rows)": func(ps *Params, t *Tape, x *Node) {
			t.Add("add", x, newSource(ps, "other", shape, 5).Forward(t))
		},
		"conv takes images of 5 channels, got 0x0 of 5 (5 columns for 1 step": func(ps *Params, t *Tape, x *Node) {
			same3x3(ps, "conv", 5, 1, false).Forward(t, x)
		},
		"the values of relu are asked for before Tape.Plan": func(_ *Params, t *Tape, x *Node) { t.ReLU("relu", x).Value() },
		"pool takes images, got 5 columns for 1 step":       func(_ *Params, t *Tape, x *Node) { t.GlobalAvgPool("pool", x) },
		"flat takes images, got 12 rows of 5":               func(_ *Params, t *Tape, x *Node) { t.Flatten("flat", x) },
		"no activation has 5 columns for 1 step of 1 lane of 12 rows on a tape of 2 steps of 2 lanes of 3 rows": func(_ *Params, t *Tape, _ *Node) {
			t.Node(Layout{Steps: 1, Lanes: 1, Rows: 12}, 5)
		},
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newLayoutSource(ps, "x", shape, Layout{Steps: 1, Lanes: 2, Rows: 6}, 5).Forward(tape)
		if got := panicOf(func() { f(ps, tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
