package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// These losses compare a row of numbers with a row of targets. The loss of a row is
// a mean over its columns, so that a Total of the rows that have targets gives the
// mean over all elements, which is PyTorch's.

// SquaredError records the mean of (x - target)², PyTorch's mse_loss. x and
// targets are [rows, K]. Like all of its kind it panics when their shapes differ.
func (t *Tape) SquaredError(name string, x *Node, targets *TargetValues) *Loss {
	return t.elementLoss(name, x, targets, func(slopes, x, targets []float32) float64 {
		copy(slopes, x)
		tensor.Axpy(slopes, -1, targets)
		k := float64(len(x))
		loss := tensor.Dot(slopes, slopes) / k
		tensor.Scale(slopes, slopes, float32(2/k))
		return loss
	})
}

// AbsoluteError records the mean of |x - target|, PyTorch's l1_loss. The slope is 0 where they are equal.
func (t *Tape) AbsoluteError(name string, x *Node, targets *TargetValues) *Loss {
	return t.bent(name, x, targets, 0, 1)
}

// SmoothL1 records a loss that is squared near 0 and absolute beyond, PyTorch's
// smooth_l1_loss. With d = x - target and beta ≥ 0, the mean of
//
//	d²/(2·beta)      where |d| < beta
//	|d| - beta/2     elsewhere
func (t *Tape) SmoothL1(name string, x *Node, targets *TargetValues, beta float64) *Loss {
	if !(beta >= 0) || math.IsInf(beta, 0) {
		panic(fmt.Sprintf("nn: %s has beta %v; take one of 0 or more", name, beta))
	}
	return t.bent(name, x, targets, beta, 1)
}

// Huber records beta times the SmoothL1 of the same beta, PyTorch's huber_loss
// (there the beta is delta). It must be above 0.
func (t *Tape) Huber(name string, x *Node, targets *TargetValues, beta float64) *Loss {
	if !(beta > 0) || math.IsInf(beta, 0) {
		panic(fmt.Sprintf("nn: %s has beta %v; take one above 0", name, beta))
	}
	return t.bent(name, x, targets, beta, beta)
}

// bent records factor times the SmoothL1 of beta. With c = d cut off at ±beta the
// loss is c·(d - c/2)/beta, without a choice between two formulas.
func (t *Tape) bent(name string, x *Node, targets *TargetValues, beta, factor float64) *Loss {
	return t.elementLoss(name, x, targets, func(slopes, x, targets []float32) float64 {
		sum, part := 0.0, factor/float64(len(x))
		if beta == 0 {
			for j, v := range x {
				d := float64(v) - float64(targets[j])
				sum += math.Abs(d)
				slopes[j] = float32(sign(d) * part)
			}
			return float64(sum * part)
		}
		part /= beta
		for j, v := range x {
			d := float64(v) - float64(targets[j])
			c := max(min(d, beta), -beta)
			sum += float64(c * (d - c*0.5))
			slopes[j] = float32(c * part)
		}
		return float64(sum * part)
	})
}

// sign is 1, 0 or -1, and NaN of NaN.
func sign(d float64) float64 {
	if d == 0 || d != d {
		return d
	}
	return math.Copysign(1, d)
}

// elementLoss is a RowLoss that compares each number with one of its own.
func (t *Tape) elementLoss(name string, x *Node, targets *TargetValues, f func(slopes, x, targets []float32) float64) *Loss {
	if targets.Cols != x.Cols {
		panic(fmt.Sprintf("nn: %s takes %d columns of targets, got %d (%v)", name, x.Cols, targets.Cols, x))
	}
	return t.RowLoss(name, x, targets, f)
}

// RowLoss records a loss of one's own that compares each row of x, [rows, K], with
// its targets, [rows, N]: f returns the loss of a row, and sets all of slopes [K] to
// its derivatives by x. What is trained on is the mean over the rows that are not
// absent. f is called by several goroutines at once, not for rows that are absent.
// For the same bits everywhere it keeps to the rules of package portable. RowLoss
// panics when the rows differ; N is the caller's to choose.
func (t *Tape) RowLoss(name string, x *Node, targets *TargetValues, f func(slopes, x, targets []float32) float64) *Loss {
	t.needTargets(name, x, targets.Layout, len(targets.Absent))
	if len(targets.Value) != x.Rows*targets.Cols {
		panic(fmt.Sprintf("nn: %s takes %d rows of %d targets, got %d numbers (%v)", name, x.Rows, targets.Cols, len(targets.Value), x))
	}
	op := &valueLoss{tape: t, x: x, targets: targets, slopes: t.Buffer(x.Rows * x.Cols)}
	op.Loss = NewLoss(name, targets.Layout, op.rowWeight, func() int { return targets.Count })
	op.forward = func(lo, hi int) {
		for row := lo; row < hi; row++ {
			slopes := op.slopes.Data[row*x.Cols : (row+1)*x.Cols]
			if targets.Absent[row] {
				clear(slopes)
				op.Row[row] = 0
				continue
			}
			op.Row[row] = f(slopes, x.Value().Row(row), targets.Row(row))
		}
	}
	op.backward = func(lo, hi int) {
		if op.fresh {
			tensor.Scale(op.dx.Data[lo:hi], op.slopes.Data[lo:hi], op.factor)
		} else {
			tensor.Axpy(op.dx.Data[lo:hi], op.factor, op.slopes.Data[lo:hi])
		}
	}
	return t.End(op, op.Loss, Use{Sets: true, Inputs: []*Node{x}, Saved: []*Buffer{op.slopes}})
}

type valueLoss struct {
	*Loss
	tape    *Tape
	x       *Node
	targets *TargetValues
	slopes  *Buffer // [rows, K]: the derivatives of Row

	dx     tensor.Matrix // the gradient of x while Backward runs
	fresh  bool
	factor float32 // of the gradient

	forward  func(lo, hi int) // over rows
	backward func(lo, hi int) // over elements
}

func (o *valueLoss) rowWeight(row int) float64 {
	if o.targets.Absent[row] {
		return 0
	}
	return 1
}

func (o *valueLoss) Forward() {
	o.tape.pool.For(o.x.Rows, 1+256/o.x.Cols, o.forward)
	o.SumLanes()
}

func (o *valueLoss) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.factor = o.Scale()
		o.tape.pool.For(o.x.Rows*o.x.Cols, 4096, o.backward)
	}
}
