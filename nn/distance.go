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
	return t.distance(name, x, targets, func(d float64) (loss, slope float64) { return float64(d * d), 2 * d })
}

// AbsoluteError records the mean of |x - target|, PyTorch's l1_loss. The slope is 0 where they are equal.
func (t *Tape) AbsoluteError(name string, x *Node, targets *TargetValues) *Loss {
	return t.distance(name, x, targets, absolute)
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
	return t.distance(name, x, targets, func(d float64) (loss, slope float64) {
		if math.Abs(d) < beta {
			return float64(d*d) / (2 * beta), d / beta
		}
		loss, slope = absolute(d)
		return loss - beta/2, slope
	})
}

// Huber records beta times the SmoothL1 of the same beta, PyTorch's huber_loss
// (there the beta is delta). It must be above 0.
func (t *Tape) Huber(name string, x *Node, targets *TargetValues, beta float64) *Loss {
	if !(beta > 0) || math.IsInf(beta, 0) {
		panic(fmt.Sprintf("nn: %s has beta %v; take one above 0", name, beta))
	}
	return t.distance(name, x, targets, func(d float64) (loss, slope float64) {
		if math.Abs(d) <= beta {
			return float64(d*d) / 2, d
		}
		loss, slope = absolute(d)
		return float64(beta * (loss - beta/2)), float64(beta * slope)
	})
}

func absolute(d float64) (loss, slope float64) {
	switch {
	case d > 0:
		return d, 1
	case d < 0:
		return -d, -1
	}
	return d, 0 // NaN too
}

// distance records the mean of f(x - target).
func (t *Tape) distance(name string, x *Node, targets *TargetValues, f func(d float64) (loss, slope float64)) *Loss {
	return t.compare(name, x, targets, func(slopes, x, targets []float32) float64 {
		sum, k := 0.0, float64(len(x))
		for j, v := range x {
			loss, slope := f(float64(v) - float64(targets[j]))
			sum += loss
			slopes[j] = float32(slope / k)
		}
		return sum / k
	})
}

// compare records a mean of what rowLoss gives for each row of x and its targets.
// It also sets the derivative of each of x.
func (t *Tape) compare(name string, x *Node, targets *TargetValues, rowLoss func(slopes, x, targets []float32) float64) *Loss {
	t.needTargets(name, x, targets.Layout, len(targets.Absent))
	if targets.Cols != x.Cols || len(targets.Value) != x.Rows*x.Cols {
		panic(fmt.Sprintf("nn: %s takes %d columns of targets, got %d (%v)", name, x.Cols, targets.Cols, x))
	}
	op := &valueLoss{Loss: newLoss(name, targets.Layout), tape: t, x: x, targets: targets, slopes: t.Buffer(x.Rows * x.Cols)}
	op.weigh, op.count = op.rowWeight, func() int { return targets.Count }
	op.forward = func(lo, hi int) {
		for row := lo; row < hi; row++ {
			slopes := op.slopes.Data[row*x.Cols : (row+1)*x.Cols]
			if targets.Absent[row] {
				clear(slopes)
				op.Row[row] = 0
				continue
			}
			op.Row[row] = rowLoss(slopes, x.Value().Row(row), targets.Row(row))
		}
	}
	op.backward = func(lo, hi int) {
		if op.fresh {
			tensor.Scale(op.dx.Data[lo:hi], op.slopes.Data[lo:hi], op.factor)
		} else {
			tensor.Axpy(op.dx.Data[lo:hi], op.factor, op.slopes.Data[lo:hi])
		}
	}
	return t.end(op, &op.Loss, Use{Inputs: []*Node{x}, Saved: []*Buffer{op.slopes}})
}

type valueLoss struct {
	Loss
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
	o.sumLanes()
}

func (o *valueLoss) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.factor = o.scale()
		o.tape.pool.For(o.x.Rows*o.x.Cols, 4096, o.backward)
	}
}
