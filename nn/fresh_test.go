package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// scaled is y = x·w, w [1, cols], element by element, with a way to form
// gradients that a test chooses.
type scaled struct {
	tape *Tape
	x, y *Node
	w    *Weight
	back func(o *scaled)
}

func (o *scaled) Forward() {
	for r := range o.x.Rows {
		tensor.Mul(o.y.Value().Row(r), o.x.Value().Row(r), o.w.Value().Data)
	}
}

func (o *scaled) Backward() { o.back(o) }

// addInput adds to dx.
func (o *scaled) addInput(dx tensor.Matrix) {
	for r := range dx.Rows {
		tensor.AddMul(dx.Row(r), o.y.Grad().Row(r), o.w.Value().Data)
	}
}

// addWeights adds to the gradients of w.
func (o *scaled) addWeights() {
	for r := range o.x.Rows {
		_, lane, _ := o.x.Layout.Place(r)
		tensor.AddMul(o.w.Grad(lane).Data, o.y.Grad().Row(r), o.x.Value().Row(r))
	}
}

func (o *scaled) clearWeights() {
	for l := range o.tape.Shape.Lanes {
		clear(o.w.Grad(l).Data)
	}
}

// honest forms gradients as Use.Sets promises.
func honest(o *scaled) {
	if o.w.TakeGrads() {
		o.clearWeights()
	}
	o.addWeights()
	dx, fresh := o.x.TakeGrad()
	for r := range dx.Rows {
		if fresh {
			tensor.Mul(dx.Row(r), o.y.Grad().Row(r), o.w.Value().Data)
		} else {
			tensor.AddMul(dx.Row(r), o.y.Grad().Row(r), o.w.Value().Data)
		}
	}
}

// scaledNetwork records scaled with a use that a test changes, after a layer
// whose gradient passes through it, and before one that leaves memory behind.
func scaledNetwork(shape Shape, use Use, back func(o *scaled)) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x, p := newSource(ps, "x", shape, 4), ps.Add("w", UniformInit(1), 4)
		return func(t *Tape, _ *States) *Node {
			h := t.Tanh("tanh", x.Forward(t))
			o := &scaled{tape: t, x: h, y: t.like(h), w: t.Param(p), back: back}
			u := use
			u.Name, u.Inputs, u.Outputs, u.Keep, u.Weights = "scaled", []*Node{h}, []*Node{o.y}, []*Node{h}, []*Weight{o.w}
			t.Record(o, u)
			return t.Softmax("softmax", o.y)
		}
	}
}

var freshShape = Shape{Steps: 2, Lanes: 4, Rows: 3}

// An operation may clear, add and set in any combination that it declares.
func TestSetsIsHonoured(t *testing.T) {
	adds := func(o *scaled) {
		o.addWeights()
		o.addInput(o.x.Grad())
	}
	want := runLanes(freshShape, scaledNetwork(freshShape, Use{}, adds), 1, []int{4})
	for name, c := range map[string]struct {
		use  Use
		back func(o *scaled)
	}{
		"sets":             {Use{Sets: true}, honest},
		"sets in place":    {Use{Sets: true, InPlace: true}, honest},
		"need not be told": {Use{}, honest},
	} {
		got := runLanes(freshShape, scaledNetwork(freshShape, c.use, c.back), 1, []int{1, 3})
		if err := got.differs(want); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A promise that is not kept is seen: at once, where the gradient is not taken,
// and otherwise under Poison.
func TestFalsePromises(t *testing.T) {
	for name, back := range map[string]func(o *scaled){
		"nn: scaled adds to the gradient of an input that it promised to set": func(o *scaled) {
			o.w.TakeGrads()
			o.clearWeights()
			o.addWeights()
			o.addInput(o.x.Grad())
		},
		"nn: scaled adds to the gradient of w that it promised to set": func(o *scaled) { o.addWeights() },
	} {
		got := panicOf(func() { runLanes(freshShape, scaledNetwork(freshShape, Use{Sets: true}, back), 1, []int{4}) })
		if !strings.Contains(got, name) {
			t.Errorf("panic %q, want %q", got, name)
		}
	}
	weights := func(o *scaled) {
		if o.w.TakeGrads() {
			o.clearWeights()
		}
		o.addWeights()
	}
	for name, back := range map[string]func(o *scaled){
		"adds to a fresh gradient": func(o *scaled) {
			weights(o)
			dx, _ := o.x.TakeGrad()
			o.addInput(dx)
		},
		"sets a part of a fresh gradient": func(o *scaled) {
			weights(o)
			dx, _ := o.x.TakeGrad()
			clear(dx.Data[4:])
			o.addInput(dx.Slice(1, dx.Rows))
		},
		"adds to a fresh gradient of weights": func(o *scaled) {
			o.w.TakeGrads()
			o.addWeights()
			dx, _ := o.x.TakeGrad()
			clear(dx.Data)
		},
		"clears one lane of the weights": func(o *scaled) {
			o.w.TakeGrads()
			clear(o.w.Grad(0).Data)
			o.addWeights()
			dx, _ := o.x.TakeGrad()
			clear(dx.Data)
		},
	} {
		for _, use := range []Use{{Sets: true}, {Sets: true, InPlace: true}} {
			got := runPoisoned(freshShape, scaledNetwork(freshShape, use, back))
			if !slices.ContainsFunc(got.grads, isNaN) {
				t.Errorf("%s, in place: %v: no gradient is NaN", name, use.InPlace)
			}
		}
	}
}

func isNaN(x float32) bool { return math.IsNaN(float64(x)) }

// What an operation reads in Backward without keeping it is seen too.
func TestPoisonShowsWhatIsNotKept(t *testing.T) {
	build := scaledNetwork(freshShape, Use{Sets: true}, func(o *scaled) {
		y := slices.Clone(o.y.Value().Row(0)) // which nobody keeps
		honest(o)
		tensor.Axpy(o.w.Grad(0).Data, 0, y)
	})
	if got := runPoisoned(freshShape, build); !slices.ContainsFunc(got.grads, isNaN) {
		t.Error("no gradient is NaN")
	}
	ps := NewParams()
	tape := NewTape(ps, nil, freshShape, Training, 0)
	tape.Plan()
	if got := panicOf(tape.Poison); got != "nn: Poison after Plan" {
		t.Errorf("panic %q", got)
	}
}

// What an operation that promised to set leaves alone is zero.
func TestGradientsLeftAlone(t *testing.T) {
	build := scaledNetwork(freshShape, Use{Sets: true}, func(*scaled) {})
	for _, got := range []laneResult{runLanes(freshShape, build, 1, []int{4}), runPoisoned(freshShape, build)} {
		if slices.ContainsFunc(got.grads, func(x float32) bool { return x != 0 }) {
			t.Errorf("gradients %v", got.grads)
		}
	}
}

// A gradient for a weight that no operation lists would leave before it is there.
func TestUndeclaredWeight(t *testing.T) {
	got := panicOf(func() {
		runLanes(freshShape, func(ps *Params) func(*Tape, *States) *Node {
			x, l, hidden := newSource(ps, "x", freshShape, 4), NewLinear(ps, "l", 4, 4, false), ps.Add("hidden", UniformInit(1), 4)
			return func(t *Tape, _ *States) *Node {
				h := l.Forward(t, x.Forward(t))
				y := t.like(h)
				o := &scaled{tape: t, x: h, y: y, w: t.Param(hidden), back: func(o *scaled) { o.addWeights() }}
				t.Record(o, Use{Name: "scaled", Inputs: []*Node{h}, Outputs: []*Node{y}, Keep: []*Node{h}})
				return y
			}
		}, 1, []int{4})
	})
	if want := "nn: scaled has a gradient for hidden, which no operation lists in Use.Weights"; got != want {
		t.Errorf("panic %q, want %q", got, want)
	}
}

// What one tape does not use is none of another's: its gradient is zero, its
// statistics and its state stay.
func TestTapesThatShareParameters(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 3}
	ps, states := NewParams(), NewStates(shape.Lanes, shape.Rows)
	x, l, norm := newSource(ps, "x", shape, 4), NewLinear(ps, "l", 4, 4, true), NewBatchNorm(ps, "norm", 4, BatchNormOptions{})
	stack, err := NewStack(ps, "rnn", "gru", 4, 4, 1, StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	ps.Initialize(1)
	record := func(whole bool) *Tape {
		tape := NewTape(ps, nil, shape, Training, 0)
		y := x.Forward(tape)
		if whole {
			y = stack.Forward(tape, norm.Forward(tape, l.Forward(tape, y)), states)
		}
		newSeed(tape, y, slices.Repeat([]float32{0.5}, y.Rows*y.Cols))
		tape.Plan()
		return tape
	}
	whole, part := record(true), record(false)
	replay := func(tape *Tape) {
		tape.Forward()
		tape.Backward(nil)
		states.Commit()
	}
	replay(whole)
	state := slices.Clone(states.List[0].Current)
	for range 2 {
		replay(part)
		for _, p := range ps.List {
			zero := !slices.ContainsFunc(p.Grad(1).Data, func(v float32) bool { return v != 0 })
			if zero != (p != x.p) {
				t.Errorf("gradient %v of %s", p.Grad(1).Data, p.Name)
			}
		}
		if !slices.Equal(states.List[0].Current, state) {
			t.Error("the state moves")
		}
		if !slices.Equal(norm.Variance.Measured(1), norm.Variance.Value()) {
			t.Errorf("variance measured as %v, running %v", norm.Variance.Measured(1), norm.Variance.Value())
		}
	}
}
