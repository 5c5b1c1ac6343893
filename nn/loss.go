package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// Loss is the end of a tape that learns to predict symbols.
type Loss struct {
	Name string

	// LaneSum is, for each of the tape's lanes, the loss of its targets in nats,
	// added up in float64 step by step, row by row.
	LaneSum []float64

	// Row is the loss of each target, time-major like the targets; 0 where there
	// is nothing to predict.
	Row []float64 // [T*L*R]
}

// CrossEntropy records the cross entropy of softmax(logits), logits [T*L*R, V],
// with the targets:
//
//	loss = logsumexp(logits) - logits[target]
//
// in nats. Negative targets are left out; others must lie below V. The gradient
// is that of the mean over the whole global batch, so with N = targets.Count
//
//	dlogits = (softmax(logits) - onehot(target)) / N
func (t *Tape) CrossEntropy(name string, logits *Node, targets *Targets) *Loss {
	rows := t.Shape.Total()
	if !logits.Layout.SameRows(t.Shape.Layout()) || len(targets.Target) != rows {
		panic(fmt.Sprintf("nn: %s takes %d rows and targets, got %d and %d (%v; the batch has %v)", name, rows,
			logits.Rows, len(targets.Target), logits, t.Shape.Layout()))
	}
	op := &crossEntropy{
		Loss: Loss{Name: name, LaneSum: make([]float64, t.Shape.Lanes), Row: make([]float64, rows)},
		tape: t, x: logits, targets: targets,
		exp: t.Buffer(rows * logits.Cols), sum: t.Buffer(rows),
	}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{logits}, Saved: []*Buffer{op.exp, op.sum}, Sets: true})
	return &op.Loss
}

type crossEntropy struct {
	Loss
	tape    *Tape
	x       *Node
	targets *Targets
	exp     *Buffer // [rows, V]: exp(x - max x)
	sum     *Buffer // [rows]: its sum

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int)
}

func (o *crossEntropy) Forward() {
	o.tape.pool.For(o.x.Rows, 8, o.forward)
	s := o.tape.Shape
	clear(o.LaneSum)
	for row, v := range o.Row {
		o.LaneSum[row/s.Rows%s.Lanes] += v
	}
}

func (o *crossEntropy) forwardRows(lo, hi int) {
	logits := o.x.Value()
	for row := lo; row < hi; row++ {
		x, e := logits.Row(row), o.exps(row)
		top := tensor.Maximum(x) // NaN if any is
		tensor.SubtractFrom(e, x, top)
		tensor.Exp(e, e)
		sum := sumOf(e)
		o.sum.Data[row], o.Row[row] = sum, 0
		if target := o.targets.Target[row]; target >= 0 {
			o.Row[row] = portable.Log(float64(sum)) + (float64(top) - float64(x[target]))
		}
	}
}

func (o *crossEntropy) exps(row int) []float32 {
	n := o.x.Cols
	return o.exp.Data[row*n : (row+1)*n]
}

func (o *crossEntropy) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.tape.pool.For(o.x.Rows, 8, o.backward)
	}
}

func (o *crossEntropy) backwardRows(lo, hi int) {
	inverse := 1 / float32(o.targets.Count)
	for row := lo; row < hi; row++ {
		target := o.targets.Target[row]
		d := o.dx.Row(row)
		switch {
		case target >= 0 && o.fresh:
			tensor.Scale(d, o.exps(row), inverse/o.sum.Data[row])
		case target >= 0:
			tensor.Axpy(d, inverse/o.sum.Data[row], o.exps(row))
		case o.fresh:
			clear(d)
		}
		if target >= 0 {
			d[target] -= inverse
		}
	}
}

// sumOf adds up four interleaved chains, so that additions overlap.
func sumOf(x []float32) float32 {
	var a, b, c, d float32
	for len(x) >= 4 {
		a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

// BitsPerTarget turns a sum of nats over count targets (bytes of a text, images) into bits a target.
func BitsPerTarget(nats float64, count int) float64 {
	return nats / math.Ln2 / float64(count)
}
