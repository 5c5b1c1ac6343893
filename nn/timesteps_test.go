package nn

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// overTimeNetworks are the operations that make one row of a sequence.
func overTimeNetworks(shape Shape) map[string]network {
	all := map[string]network{}
	for name, f := range map[string]func(t *Tape, x *Node, k *Lengths) *Node{
		"last":         func(t *Tape, x *Node, k *Lengths) *Node { return t.Last("op", x, k) },
		"first":        func(t *Tape, x *Node, k *Lengths) *Node { return t.First("op", x, k) },
		"ends":         func(t *Tape, x *Node, k *Lengths) *Node { return t.Ends("op", x, k) },
		"mean":         func(t *Tape, x *Node, k *Lengths) *Node { return t.MeanOverTime("op", x, k) },
		"max":          func(t *Tape, x *Node, k *Lengths) *Node { return t.MaxOverTime("op", t.steppedApart(x), k) },
		"zero padding": func(t *Tape, x *Node, k *Lengths) *Node { return t.ZeroPadding("op", t.Tanh("tanh", x), k) },
		"reverse":      func(t *Tape, x *Node, k *Lengths) *Node { return t.Reverse("op", x, k) },
		"two uses": func(t *Tape, x *Node, k *Lengths) *Node {
			return t.Add("sum", t.Last("last", x, k), t.MeanOverTime("mean", x, k))
		},
	} {
		for _, packed := range []bool{false, true} {
			title := name
			if packed {
				title += " of different lengths"
			}
			all[title] = func(ps *Params) func(*Tape, *States) *Node {
				x := newSource(ps, "x", shape, 6)
				return func(t *Tape, _ *States) *Node {
					if packed {
						return f(t, x.Forward(t), someLengths(t, shape))
					}
					return f(t, x.Forward(t), nil)
				}
			}
		}
	}
	return all
}

// steppedApart moves the steps of a row so far apart that finite differences do not
// change which of them is the largest.
func (t *Tape) steppedApart(x *Node) *Node {
	op := &stepsApart{shift{x: x, y: t.like(x)}}
	t.Record(op, Use{Name: "apart", Inputs: []*Node{x}, Outputs: []*Node{op.y}})
	return op.y
}

type stepsApart struct{ shift }

func (o *stepsApart) Forward() {
	for i, v := range o.x.Value().Data {
		step, _, _ := o.x.Layout.Place(i / o.x.Cols)
		o.y.Value().Data[i] = v + float32(2*((3*step+i%o.x.Cols)%5))
	}
}

func TestOverTimeGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 3}
	for name, build := range overTimeNetworks(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestOverTimeLanes(t *testing.T) {
	shape := Shape{Steps: 4, Lanes: 4, Rows: 3}
	for name, build := range overTimeNetworks(shape) {
		t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
	}
}

// One row of three steps, of which two count.
func TestOverTimeValues(t *testing.T) {
	nan := float32(math.NaN())
	x := []float32{1, 5, 2, nan, 3, 5, -2, 1, 9, 9, 9, 9}
	for name, want := range map[string][]float32{
		"last": {3, 5, -2, 1}, "first": {1, 5, 2, nan}, "ends": {3, 5, 2, nan}, "mean": {2, 5, 0, nan}, "max": {3, 5, 2, nan},
	} {
		pool := tensor.NewPool(1)
		defer pool.Close()
		tape := NewTape(NewParams(), pool, Shape{Steps: 3, Lanes: 1, Rows: 1}, Inference, 0)
		feed, lengths := newFeed(tape, 4), NewLengths(tape.Shape)
		copy(feed.data, x)
		lengths.Of[0] = 2
		y := map[string]func(string, *Node, *Lengths) *Node{
			"last": tape.Last, "first": tape.First, "ends": tape.Ends, "mean": tape.MeanOverTime, "max": tape.MaxOverTime,
		}[name](name, feed.y, lengths)
		tape.Keep(y)
		tape.Plan()
		tape.Forward()
		for i, v := range y.Value().Data {
			if v != want[i] && !(math.IsNaN(float64(v)) && math.IsNaN(float64(want[i]))) {
				t.Errorf("%s gives %v, want %v", name, y.Value().Data, want)
				break
			}
		}
		if y.Layout != (Layout{Steps: 1, Lanes: 1, Rows: 1}) {
			t.Errorf("%s has layout %v", name, y.Layout)
		}
	}
}
