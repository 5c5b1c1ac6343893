package nn

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// probe is an operation that uses a derived weight as itself: its output is W
// for every lane's row, so W's gradient is the output's.
type probe struct {
	tape *Tape
	w    *Weight
	y    *Node // [L*out, in] by rows of lanes
}

func (o *probe) Forward() {
	for l := range o.tape.Shape.Lanes {
		copy(o.y.Value().Data[l*o.w.Rows*o.w.Cols:], o.w.Value().Data)
	}
}

func (o *probe) Backward() {
	n := o.w.Rows * o.w.Cols
	for l := range o.tape.Shape.Lanes {
		tensor.Axpy(o.w.Grad(l).Data, 1, o.y.Grad().Data[l*n:(l+1)*n])
	}
}

func recordProbe(t *Tape, n *weightNorm) *Node {
	use := Use{Name: "probe"}
	w := n.record(t, &use)
	o := &probe{tape: t, w: w, y: t.Node(Layout{Steps: 1, Lanes: t.Shape.Lanes, Rows: w.Rows}, w.Cols)}
	use.Outputs = []*Node{o.y}
	t.Record(o, use)
	return o.y
}

func TestWeightNormGradients(t *testing.T) {
	gradcheck(t, Shape{Steps: 3, Lanes: 2, Rows: 1}, func(ps *Params) func(*Tape, *States) *Node {
		n := newWeightNorm(ps, "w", UniformInit(1), 3, 7)
		return func(t *Tape, _ *States) *Node { return recordProbe(t, n) }
	})
}

// weights records one weight norm over V for inference.
func weights(t *testing.T, out, in int) (ps *Params, n *weightNorm, tape *Tape, y *Node) {
	t.Helper()
	pool := tensor.NewPool(1)
	t.Cleanup(pool.Close)
	ps = NewParams()
	n = newWeightNorm(ps, "w", UniformInit(0.3), out, in)
	ps.Allocate()
	ps.AllocateGrads(1)
	ps.Initialize(5)
	tape = NewTape(ps, pool, Shape{Steps: 1, Lanes: 1, Rows: out}, Training, 0)
	y = recordProbe(tape, n)
	grad := make([]float32, out*in)
	tensor.Fill(grad, 1)
	newSeed(tape, y, grad)
	tape.Keep(y)
	tape.Plan()
	return ps, n, tape, y
}

func TestWeightNormStartsAsV(t *testing.T) {
	_, n, tape, y := weights(t, 64, 33)
	tape.Forward()
	if err := sameBits(y.Value().Data, n.v.Value().Data); err != nil {
		t.Error(err)
	}
}

// Below the floor the norm is the constant 10⁻⁶.
func TestWeightNormFloor(t *testing.T) {
	ps, n, tape, y := weights(t, 2, 4)
	copy(n.v.Value().Data, []float32{0, 0, 0, 0, 1e-8, 0, 0, -1e-8})
	copy(n.g.Value().Data, []float32{2, 2})
	ps.Changed()
	tape.Begin(0, 0, 0)
	tape.Forward()
	for i, want := range []float32{0, 0, 0, 0, 0.02, 0, 0, -0.02} {
		if got := y.Value().Data[i]; math.Abs(float64(got-want)) > 1e-8 {
			t.Errorf("W[%d] is %g, want %g", i, got, want)
		}
	}
	tape.Backward(nil)
	for i, got := range n.v.Grad(0).Data {
		if math.Abs(float64(got)-2e6) > 1 {
			t.Errorf("gradient of V[%d] is %g, want 2e6", i, got)
		}
	}
}

// A normalized mLSTM that was just initialized has the bits of the plain one.
// Training and inference agree on it, in whatever order they run, and notice
// when the parameters change.
func TestWeightNormInMLSTM(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	plain := newTrainer(t, pool, kind{cell: "mlstm", layers: 1}, Shape{Steps: 3, Lanes: 1, Rows: 2}, 5, 19)
	normed := newTrainer(t, pool, kind{cell: "mlstm", layers: 1, opt: StackOptions{WeightNorm: true}}, plain.tape.Shape, 5, 19)
	for _, p := range plain.params.List {
		from := normed.params.Get(p.Name + "_v")
		if from == nil {
			from = normed.params.Get(p.Name)
		}
		copy(p.Value().Data, from.Value().Data)
	}
	plain.params.Changed()
	infer := normed.inference()

	want := plain.output()
	for i, run := range []*trainer{infer, normed, infer, normed, normed} {
		if err := sameBits(run.output(), want); err != nil {
			t.Fatalf("run %d against plain weights: %v", i, err)
		}
	}
	g := normed.params.Get("rnn.weight_mh_l0_g").Value().Data
	tensor.Scale(g, g, 1.5)
	normed.params.Changed()
	changed := infer.output()
	if sameBits(changed, want) == nil {
		t.Fatal("a larger g changes nothing")
	}
	if err := sameBits(normed.output(), changed); err != nil {
		t.Fatalf("training against inference: %v", err)
	}
}
