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
	return t.elementLoss(name, x, targets, func(losses []float64, slopes, x, targets []float32, _ *lossRoom) {
		k := float64(len(x) / len(losses))
		tensor.SquaredRows(losses, slopes, x, targets, float32(2/k))
		for i, sum := range losses {
			losses[i] = sum / k
		}
	})
}

// AbsoluteError records the mean of |x - target|, PyTorch's l1_loss. The slope is 0 where they are equal.
func (t *Tape) AbsoluteError(name string, x *Node, targets *TargetValues) *Loss {
	return t.elementLoss(name, x, targets, eachRow(absoluteRow))
}

func absoluteRow(slopes, x, targets []float32) float64 {
	sum, part := 0.0, 1/float64(len(x))
	for j, v := range x {
		d := float64(v) - float64(targets[j])
		sum += math.Abs(d)
		slopes[j] = float32(sign(d) * part)
	}
	return float64(sum * part)
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
	if beta == 0 {
		return t.AbsoluteError(name, x, targets)
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

// bent records factor times the SmoothL1 of a beta above 0. With c = d cut off at
// ±beta the loss is c·(d - c/2)/beta, without a choice between two formulas.
func (t *Tape) bent(name string, x *Node, targets *TargetValues, beta, factor float64) *Loss {
	return t.elementLoss(name, x, targets, func(losses []float64, slopes, x, targets []float32, room *lossRoom) {
		part := factor / float64(len(x)/len(losses)) / beta
		clear(losses)
		for lo := 0; lo < len(x); lo += lossValues { // a row of more values is by itself
			hi := min(lo+lossValues, len(x))
			terms := room.terms[:hi-lo]
			tensor.HuberTerms(terms, slopes[lo:hi], x[lo:hi], targets[lo:hi], beta, part)
			tensor.SumRows(losses, terms)
		}
		for i, sum := range losses {
			losses[i] = float64(sum * part)
		}
	})
}

// sign is 1, 0 or -1, and NaN of NaN.
func sign(d float64) float64 {
	if d == 0 || d != d {
		return d
	}
	return math.Copysign(1, d)
}
