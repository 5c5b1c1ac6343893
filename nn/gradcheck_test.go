package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// A network is what the checks of this package run: build registers parameters
// (inputs too, see newSource) and returns the forward pass over them.
type network func(ps *Params) func(t *Tape, states *States) *Node

// The finite-difference step and the tolerance of gradcheck.
//
// With f(x) the functional along one parameter, the five-point stencil
//
//	f' ≈ (8·(f(x+ε) - f(x-ε)) - (f(x+2ε) - f(x-2ε))) / 12ε
//
// errs by ε⁴·f⁽⁵⁾/30 and passes on the rounding δ of f as at most 1.5·δ/ε.
// Outputs are float32 numbers of about 1 with an error of a few u = 2⁻²⁴ each,
// with random signs, so a sum of n of them with weights in [-1, 1) has
// δ ≈ 3u·√(n/3): 10⁻⁶ for n ≈ 100. Equal errors want ε⁵ = 45·δ/f⁽⁵⁾, and with
// f⁽⁵⁾ of about 10 that is ε = 2⁻⁵ or so: both terms are then 10⁻⁵ to 10⁻⁴.
// An error in a formula is seldom below 10⁻², so the tolerance lies between.
// Parameters are multiples of 2⁻¹⁶ below 1, so x±ε and x±2ε are exact.
const (
	gradEpsilon   = 1.0 / 32
	gradTolerance = 1e-3
)

// gradcheck compares every element of every parameter's gradient with finite
// differences of a random linear functional of the output, accumulated in
// float64. Inputs are checked by being parameters (newSource); the incoming
// state is random.
func gradcheck(t *testing.T, shape Shape, build network) {
	t.Helper()
	pool := tensor.NewPool(2)
	defer pool.Close()
	newRig(pool, shape, build).check(t)
}

// check compares all gradients.
func (rig *rig) check(t *testing.T) {
	t.Helper()
	shape := rig.shape
	tape := rig.tape(shape.Lanes, 0, Training)
	tape.Forward()
	tape.Backward(nil)
	analytic := make([]float64, rig.params.Size())
	for lane := range shape.Lanes {
		for i, g := range rig.params.LaneGrads(lane) {
			analytic[i] += float64(g)
		}
	}
	numeric := make([]float64, len(analytic))
	for i := range numeric {
		numeric[i] = rig.difference(tape, i)
	}
	for _, p := range rig.params.List {
		a, n := analytic[p.Offset:p.Offset+p.Size()], numeric[p.Offset:p.Offset+p.Size()]
		if err := compareGradients(a, n); err != nil {
			t.Errorf("%s %v: %v", p.Name, p.Shape, err)
		}
	}
}

// compareGradients returns an error that names the worst element when it is
// off by more than the tolerance, relative to itself or to the typical element.
func compareGradients(analytic, numeric []float64) error {
	square := 0.0
	for _, n := range numeric {
		square += n * n
	}
	typical := math.Sqrt(square/float64(len(numeric))) + 0.01
	worst, at := 0.0, 0
	for i, n := range numeric {
		off := math.Abs(analytic[i]-n) / max(math.Abs(n), typical)
		if !(off <= worst) { // NaN too
			worst, at = off, i
		}
	}
	if !(worst <= gradTolerance) {
		return fmt.Errorf("element %d: gradient %g, finite difference %g (off by %.2g)", at, analytic[at], numeric[at], worst)
	}
	return nil
}

// rig is a network with random parameters and states for all lanes.
type rig struct {
	params  *Params
	states  *States
	pool    *tensor.Pool
	shape   Shape // of all lanes
	forward func(t *Tape, states *States) *Node
	output  *Node // of the tape made last; nil when it ends in loss
	loss    *Loss // set by a network that returns nil

	poisoned bool // tapes are
	seen     bool // tapes are, from before they are planned
	apart    bool // every value has memory of its own
	sync     bool // batch norms take the moments of all lanes
	meet     *Lockstep

	pipelines int      // lanes of a group; 0 and 1: none
	gatherer  Gatherer // of pipelines, where they do not meet
	ends      bool     // the network ends in a functional of its own
}

const rigSeed = 7

func newRig(pool *tensor.Pool, shape Shape, build network) *rig {
	r := &rig{params: NewParams(), states: NewStates(shape.Lanes, shape.Rows), pool: pool, shape: shape}
	r.forward = build(r.params)
	r.params.Allocate()
	r.params.AllocateGrads(shape.Lanes)
	quantized(r.params.Values, Stream{Seed: rigSeed, Use: 100})
	r.params.Changed()
	return r
}

// tape records the network for some of the lanes, the first of them number
// lane, with a random incoming state, ready to replay.
func (r *rig) tape(lanes, lane int, mode Mode) *Tape {
	shape := r.shape
	shape.Lanes = lanes
	tape := NewTape(r.params, r.pool, shape, mode, rigSeed)
	switch {
	case r.sync && r.meet != nil:
		tape.SyncBatchNorm(r.shape.Lanes, r.meet.Gatherer(lane))
	case r.sync:
		tape.SyncBatchNorm(r.shape.Lanes, nil)
	}
	if r.pipelines > 1 {
		g := r.gatherer
		if r.meet != nil {
			g = r.meet.Gatherer(lane)
		}
		tape.Pipelines(r.pipelines, r.shape.Lanes, g)
	}
	r.output = r.forward(tape, r.states)
	if r.output != nil && !r.ends {
		tape.Record(&functional{tape: tape, y: r.output, all: r.shape}, Use{Name: "functional", Inputs: []*Node{r.output}})
		tape.Keep(r.output)
	}
	if r.poisoned {
		tape.Poison()
	}
	tape.apart = r.apart
	if r.seen {
		tape.Observe(func(Sight) {})
	}
	tape.Plan()
	tape.Begin(3, lane, lane)
	for i, st := range r.states.List {
		quantized(st.Current, Stream{Seed: rigSeed, Use: 101, Site: uint32(i)})
	}
	return tape
}

// value is the functional of the output, Σ w·y, or the mean loss.
func (r *rig) value(tape *Tape) float64 {
	tape.Forward()
	sum := 0.0
	if r.output == nil {
		for _, s := range r.loss.LaneSum {
			sum += s
		}
		return sum / float64(lossCount)
	}
	for i, y := range r.output.Value().Data {
		sum += float64(y) * float64(functionalWeight(i))
	}
	return sum
}

// difference is the five-point stencil along parameter element i. The tape
// holds all lanes.
func (r *rig) difference(tape *Tape, i int) float64 {
	x := r.params.Values[i]
	at := func(offset float32) float64 {
		r.params.Values[i] = x + offset
		r.params.Changed()
		return r.value(tape)
	}
	near := at(gradEpsilon) - at(-gradEpsilon)
	far := at(2*gradEpsilon) - at(-2*gradEpsilon)
	at(0)
	return (8*near - far) / (12 * gradEpsilon)
}

// quantized fills dst with multiples of 2⁻¹⁶ in [-0.75, 0.75).
func quantized(dst []float32, s Stream) {
	s.Uniform(dst, -0.75, 0.75)
	for i, x := range dst {
		dst[i] = float32(math.Floor(float64(x)*(1<<16)) / (1 << 16))
	}
}

// functional is the end of a checked network: its gradient is a fixed random
// weight for every element, which depends on the element's place among all
// lanes.
type functional struct {
	tape *Tape
	y    *Node
	all  Shape
}

func functionalWeight(i int) float32 {
	return 2*Stream{Seed: rigSeed, Use: 102}.Float(uint32(i)) - 1
}

func (o *functional) Forward() {}

func (o *functional) Backward() {
	if !o.y.NeedsGrad() {
		return
	}
	dy := o.y.Grad()
	for row := range dy.Rows {
		at := globalRow(o.tape, o.all, o.y.Layout, row) * dy.Cols
		for j := range dy.Cols {
			dy.Row(row)[j] += functionalWeight(at + j)
		}
	}
}

// globalRow is the place of a row of a tape's activation in an activation of all
// lanes.
func globalRow(t *Tape, all Shape, l Layout, row int) int {
	step, lane, at := l.Place(row)
	return (step*all.Lanes+t.gradLane+lane)*l.LaneRows() + at
}

// source is an input of a checked network: a parameter [T*L*R, cols] that holds
// the rows of all lanes, of which a tape takes its own. Being a parameter, its
// gradient is checked like any other.
type source struct {
	p      *Param
	all    Shape
	layout Layout // of all lanes
}

// newSource registers an input for all lanes of the shape.
func newSource(ps *Params, name string, all Shape, cols int) source {
	return newLayoutSource(ps, name, all, all.Layout(), cols)
}

// newImageSource registers the images of all lanes of the shape.
func newImageSource(ps *Params, name string, all Shape, height, width, channels int) source {
	return newLayoutSource(ps, name, all, all.Layout().WithImage(height, width), channels)
}

// newLayoutSource registers an input of any layout, given for all lanes.
func newLayoutSource(ps *Params, name string, all Shape, l Layout, cols int) source {
	return source{p: ps.Add(name, UniformInit(1), l.Total(), cols), all: all, layout: l}
}

// Forward records the rows of the tape's lanes.
func (s source) Forward(t *Tape) *Node {
	w := t.Param(s.p)
	l := s.layout
	l.Lanes = t.Shape.Lanes
	op := &sourceOp{source: s, tape: t, w: w, y: t.Node(l, s.p.Cols)}
	t.Record(op, Use{Name: s.p.Name, Outputs: []*Node{op.y}, Weights: []*Weight{w}})
	return op.y
}

type sourceOp struct {
	source
	tape *Tape
	w    *Weight
	y    *Node
}

func (o *sourceOp) Forward() {
	y, p := o.y.Value(), o.p.Value()
	for row := range y.Rows {
		copy(y.Row(row), p.Row(globalRow(o.tape, o.all, o.y.Layout, row)))
	}
}

func (o *sourceOp) Backward() {
	dy := o.y.Grad()
	for row := range dy.Rows {
		_, lane, _ := o.y.Layout.Place(row)
		tensor.Axpy(o.w.Grad(lane).Row(globalRow(o.tape, o.all, o.y.Layout, row)), 1, dy.Row(row))
	}
}
