package nn

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

func TestCrossEntropyGradient(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 2, Lanes: 2, Rows: 2}
	var r *rig
	r = newRig(pool, shape, func(ps *Params) func(*Tape, *States) *Node {
		x := newSource(ps, "x", shape, 5)
		return func(t *Tape, _ *States) *Node {
			tokens := someTokens(t, shape, 5)
			r.loss = t.CrossEntropy("loss", x.Forward(t), tokens.Targets)
			return nil
		}
	})
	r.check(t)
}

// lossOf computes the cross entropy of rows of logits.
func lossOf(shape Shape, cols int, logits []float32, tokens *textBatch) *Loss {
	ps := NewParams()
	x := newSource(ps, "x", shape, cols)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	copy(ps.Values, logits)
	tape := NewTape(ps, nil, shape, Training, 0)
	loss := tape.CrossEntropy("loss", x.Forward(tape), tokens.Targets)
	tape.Plan()
	tape.Begin(0, 0, 0)
	tape.Forward()
	tape.Backward(nil)
	return loss
}

func TestCrossEntropyAgainstFloat64(t *testing.T) {
	const vocab = 9
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	logits := make([]float32, shape.Total()*vocab)
	Stream{Seed: 5}.Uniform(logits, -30, 30)
	tokens := newTextBatch(shape, vocab)
	for i := range tokens.Target {
		tokens.Target[i] = int32(i%(vocab+1)) - 1
	}
	tokens.Count = 7
	loss := lossOf(shape, vocab, logits, tokens)
	lanes := make([]float64, shape.Lanes)
	for row, target := range tokens.Target {
		want := 0.0
		if target >= 0 {
			sum := 0.0
			for _, x := range logits[row*vocab : (row+1)*vocab] {
				sum += math.Exp(float64(x))
			}
			want = math.Log(sum) - float64(logits[row*vocab+int(target)])
		}
		if math.Abs(loss.Row[row]-want) > 1e-6*max(1, want) {
			t.Errorf("row %d: loss %v, want %v", row, loss.Row[row], want)
		}
		lanes[row/shape.Rows%shape.Lanes] += loss.Row[row]
	}
	for l, want := range lanes {
		if loss.LaneSum[l] != want {
			t.Errorf("lane %d: sum %v, want %v", l, loss.LaneSum[l], want)
		}
	}
}

// Far apart logits neither overflow nor lose the loss, and NaN is not hidden.
func TestCrossEntropyExtremes(t *testing.T) {
	one := Shape{Steps: 1, Lanes: 1, Rows: 1}
	nan := float32(math.NaN())
	for _, c := range []struct {
		logits []float32
		want   float64
	}{
		{[]float32{0, 0}, math.Ln2},
		{[]float32{-200, 200}, 400},
		{[]float32{3e38, 3e38}, math.Ln2},
		{[]float32{1, nan}, math.NaN()},
		{[]float32{1, float32(math.Inf(1))}, math.NaN()},
	} {
		tokens := newTextBatch(one, 2)
		tokens.Count = 1
		got := lossOf(one, 2, c.logits, tokens).LaneSum[0]
		if math.Abs(got-c.want) > 1e-6*c.want || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("%v: loss %v, want %v", c.logits, got, c.want)
		}
	}
}

func TestBitsPerTarget(t *testing.T) {
	if got := BitsPerTarget(4*math.Ln2, 2); got != 2 {
		t.Errorf("got %v bits, want 2", got)
	}
}
