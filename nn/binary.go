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
	return t.elementLoss(name, logits, targets, func(slopes, x, targets []float32) float64 {
		for j, v := range x {
			slopes[j] = float32(-math.Abs(float64(v)))
		}
		tensor.Exp(slopes, slopes)
		part := 1 / float64(len(x))
		if positive == nil {
			return float64(binaryRow(slopes, x, targets, part) * part)
		}
		return float64(weightedBinaryRow(slopes, x, targets, positive, part) * part)
	})
}

// binaryRow returns the sum of the losses of logits, and turns e = exp(-|x|) into
// their derivatives, times part. A loss is (1-y)·x + max(-x, 0) + log(1 + e), where
// the 1 + e of all logits are multiplied before a logarithm is taken.
func binaryRow(e, x, targets []float32, part float64) float64 {
	sum, product := 0.0, 1.0
	for j, v := range x {
		x, y, e1 := float64(v), float64(targets[j]), float64(e[j])
		product *= 1 + e1
		if product > 0x1p900 {
			sum += portable.Log(product)
			product = 1
		}
		sum += float64((1-y)*x) + (math.Abs(x)-x)*0.5
		e[j] = float32(((1 - y) - against(x, e1)) * part)
	}
	return sum + portable.Log(product)
}

// weightedBinaryRow is binaryRow with weights p of positive labels: all but
// (1-y)·x has the factor 1 + (p-1)·y.
func weightedBinaryRow(e, x, targets, positive []float32, part float64) float64 {
	sum := 0.0
	for j, v := range x {
		x, y, e1 := float64(v), float64(targets[j]), float64(e[j])
		factor := 1 + float64((float64(positive[j])-1)*y)
		sum += float64((1-y)*x) + float64(factor*((math.Abs(x)-x)*0.5+portable.Log(1+e1)))
		e[j] = float32(((1 - y) - float64(factor*against(x, e1))) * part)
	}
	return sum
}

// against is sigmoid(-x) with e = exp(-|x|): (e or 1)/(1 + e), without a branch
// that the processor would have to guess.
func against(x, e float64) float64 {
	return ((1 + e) - math.Copysign(1-e, x)) * 0.5 / (1 + e)
}
