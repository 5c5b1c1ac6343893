package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// BinaryCrossEntropy records the cross entropy of sigmoid(logits) with labels that
// hold (1) or do not (0), each by itself; what lies between is a probability. With
// y the target and p = positive of the column, 1 where positive is nil, it is the
// mean, in nats, of
//
//	-p·y·log sigmoid(x) - (1-y)·log(1 - sigmoid(x))
//
// PyTorch's binary_cross_entropy_with_logits with pos_weight. It panics when the
// logits come from a sigmoid or a softmax.
func (t *Tape) BinaryCrossEntropy(name string, logits *Node, targets *TargetValues, positive []float32) *Loss {
	t.needLogits(name, "a sigmoid", logits)
	if positive != nil && len(positive) != logits.Cols {
		panic(fmt.Sprintf("nn: %s has %d weights of positive labels for %d labels", name, len(positive), logits.Cols))
	}
	for j, p := range positive {
		if !(p >= 0) || math.IsInf(float64(p), 0) {
			panic(fmt.Sprintf("nn: %s gives positive labels of column %d the weight %v; take 0 or more", name, j, p))
		}
	}
	return t.compare(name, logits, targets, func(slopes, x, targets []float32) float64 {
		for j, v := range x {
			slopes[j] = float32(-math.Abs(float64(v)))
		}
		tensor.Exp(slopes, slopes)
		sum, k := 0.0, float64(len(x))
		for j, v := range x {
			p := 1.0
			if positive != nil {
				p = float64(positive[j])
			}
			loss, slope := binary(float64(v), float64(targets[j]), p, float64(slopes[j]))
			sum += loss
			slopes[j] = float32(slope / k)
		}
		return sum / k
	})
}

// binary is the loss of one logit, and its slope. e is exp(-|x|).
func binary(x, y, p, e float64) (loss, slope float64) {
	softplus, against := log1p(e), 1/(1+e) // log(1 + exp(-x)); sigmoid(-x)
	if x < 0 {
		softplus -= x
	} else {
		against = e / (1 + e)
	}
	factor := 1 + float64((p-1)*y)
	return float64((1-y)*x) + float64(factor*softplus), (1 - y) - float64(factor*against)
}

// log1p is log(1 + e) for e in [0, 1].
func log1p(e float64) float64 {
	if e < 1e-8 {
		return e // e²/2 is below what float64 keeps beside it
	}
	return portable.Log(1 + e)
}
