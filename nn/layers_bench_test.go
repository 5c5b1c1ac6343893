package nn

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/tensor"
)

// layerBench is a row of the table of layers: forward and backward of what build
// records, gradients of inputs and weights included. The other side is the row of
// the same name in docs/bench/layers.py; docs/bench/layers.sh prints both.
type layerBench struct {
	name  string // no slashes and no spaces
	shape Shape
	build network // over inputs from newBenchInput
}

// layerBenches are all rows. Each group is in a file of its own.
func layerBenches() []layerBench {
	return slices.Concat(elementBenches(), imageBenches(), convolutionBenches(), resizingBenches(), sequenceBenches(), normBenches(), productBenches(), lossBenches())
}

// layerSteps is the fewest steps of a row, as many as PyTorch takes of its own.
const layerSteps = 8

// BenchmarkLayers reports the time of one forward and backward of every row, with
// all weights changed before it: of the fastest step, as other programs only ever
// slow one. With one thread (GOMAXPROCS) it is processor time.
func BenchmarkLayers(b *testing.B) {
	for _, row := range layerBenches() {
		b.Run(row.name, func(b *testing.B) { row.run(b) })
	}
}

func (row *layerBench) run(b *testing.B) {
	pool := tensor.NewPool(runtime.GOMAXPROCS(0))
	defer pool.Close()
	ps, states := NewParams(), NewStates(row.shape.Lanes, row.shape.Rows)
	forward := row.build(ps)
	ps.Allocate()
	ps.AllocateGrads(row.shape.Lanes)
	ps.Initialize(1)
	tape := NewTape(ps, pool, row.shape, Training, 1)
	y := forward(tape, states)
	if y != nil { // what build records does not end in a loss
		tape.Record(newBenchGradient(y), Use{Name: "gradient", Inputs: []*Node{y}, Sets: true})
	}
	tape.Plan()
	best, now := time.Hour, layerClock(pool.Size())
	step := func() {
		ps.Changed()
		best = min(best, layerStep(tape, now))
	}
	for range layerSteps { // however few the time is enough for: the first ones meet memory that nobody has touched
		step()
	}
	for b.Loop() {
		step()
	}
	b.ReportMetric(float64(best.Nanoseconds()), "ns/op")
}

// layerStep replays a tape and returns the time of what is neither its inputs nor
// the gradient of its output.
func layerStep(t *Tape, now func() time.Duration) (took time.Duration) {
	for _, op := range t.ops {
		began := now()
		op.Forward()
		if _, ok := op.(untimed); !ok {
			took += now() - began
		}
	}
	for i, op := range slices.Backward(t.ops) {
		began := now()
		t.differentiate(i)
		if _, ok := op.(untimed); !ok {
			took += now() - began
		}
	}
	return took
}

var started = time.Now()

func wallClock() time.Duration { return time.Since(started) }

// untimed is the rest of the network around a layer.
type untimed interface{ untimed() }

// benchInput is an activation that wants its gradient and drops it.
type benchInput struct {
	y      *Node
	values []float32
}

// newBenchInput records an input with random values of [-2, 2): of rows when
// height is 0, or of images.
func newBenchInput(t *Tape, ps *Params, height, width, cols int) *Node {
	op := &benchInput{y: t.Node(t.Shape.Layout().WithImage(height, width), cols)}
	op.values = make([]float32, op.y.Rows*op.y.Cols)
	Stream{Seed: 1, Use: 105, Site: uint32(len(t.ops))}.Uniform(op.values, -2, 2)
	t.Record(op, Use{Name: "input", Outputs: []*Node{op.y}, Weights: []*Weight{t.Param(ps.Get("input"))}})
	return op.y
}

func (o *benchInput) Forward()  { copyIntoCache(o.y.Value().Data, o.values) }
func (o *benchInput) Backward() {}
func (o *benchInput) untimed()  {}

// copyIntoCache is copy of some values at a time, as a layer leaves what it computes: the runtime stores a megabyte or more
// past the caches, and a layer that reads it then measures the memory.
func copyIntoCache(dst, src []float32) {
	const some = 4096
	for len(dst) > 0 {
		n := copy(dst[:min(some, len(dst))], src)
		dst, src = dst[n:], src[n:]
	}
}

// benchGradient sets the gradient of a network's output.
type benchGradient struct {
	y      *Node
	values []float32
}

func newBenchGradient(y *Node) *benchGradient {
	op := &benchGradient{y: y, values: make([]float32, y.Rows*y.Cols)}
	Stream{Seed: 1, Use: 106}.Uniform(op.values, -1, 1)
	return op
}

func (o *benchGradient) Forward() {}
func (o *benchGradient) Backward() {
	dy, _ := o.y.TakeGrad()
	copyIntoCache(dy.Data, o.values)
}
func (o *benchGradient) untimed() {}

// benchOf is a row over one input: rows of cols features when height is 0, or
// images. The shape's lanes are 4.
func benchOf(name string, rows, height, width, cols int, f func(ps *Params) func(t *Tape, x *Node) *Node) layerBench {
	build := func(ps *Params) func(*Tape, *States) *Node {
		ps.Add("input", ConstantInit(0), 1) // for what has no weights to want gradients all the same
		layer := f(ps)
		return func(t *Tape, _ *States) *Node { return layer(t, newBenchInput(t, ps, height, width, cols)) }
	}
	return layerBench{name, Shape{Steps: 1, Lanes: 4, Rows: rows / 4}, build}
}

// benchPlain is benchOf for what has no weights.
func benchPlain(name string, rows, height, width, cols int, f func(t *Tape, x *Node) *Node) layerBench {
	return benchOf(name, rows, height, width, cols, func(*Params) func(*Tape, *Node) *Node { return f })
}

// TestLayerBenchNames lists the rows, each of which has a name of its own.
func TestLayerBenchNames(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range layerBenches() {
		if seen[row.name] {
			t.Errorf("two rows are called %s", row.name)
		}
		seen[row.name] = true
		t.Logf("row %s", row.name)
	}
}
