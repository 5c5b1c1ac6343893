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
	if positive != nil {
		return t.elementLoss(name, logits, targets, eachRow(func(slopes, x, targets []float32) float64 {
			expOfMinus(slopes, x)
			part := 1 / float64(len(x))
			return float64(weightedBinaryRow(slopes, x, targets, positive, part) * part)
		}))
	}
	return t.elementLoss(name, logits, targets, func(losses []float64, slopes, x, targets []float32, room *lossRoom) {
		expOfMinus(slopes, x)
		part := 1 / float64(len(x)/len(losses))
		if len(x) > lossValues {
			losses[0] = binaryRow(slopes, x, targets, part, room)
		} else {
			binaryRows(losses, slopes, x, targets, part, room)
		}
		for i, loss := range losses {
			losses[i] = float64(loss * part)
		}
	})
}

// expOfMinus sets e to exp(-|x|).
func expOfMinus(e, x []float32) {
	for j, v := range x {
		e[j] = math.Float32frombits(math.Float32bits(v) | 1<<31)
	}
	tensor.Exp(e, e)
}

// binaryRow returns the sum of the losses of a row, and turns e = exp(-|x|) into
// their derivatives, times part. A loss is (1-y)·x + max(-x, 0) + log(1 + e), where
// the 1 + e of all logits are multiplied before a logarithm is taken.
func binaryRow(e, x, targets []float32, part float64, room *lossRoom) float64 {
	sum, product := 0.0, 1.0
	for lo := 0; lo < len(x); lo += lossValues {
		hi := min(lo+lossValues, len(x))
		terms, ones := room.terms[:hi-lo], room.ones[:hi-lo]
		tensor.LogisticTerms(terms, ones, e[lo:hi], x[lo:hi], targets[lo:hi], part)
		for j, term := range terms {
			product *= ones[j]
			if product > 0x1p900 {
				sum += portable.Log(product)
				product = 1
			}
			sum += term
		}
	}
	return sum + portable.Log(product)
}

// binaryRows is binaryRow of several rows, with the same bits: of lossValues columns
// or fewer no product grows too large.
func binaryRows(losses []float64, e, x, targets []float32, part float64, room *lossRoom) {
	terms, ones := room.terms[:len(x)], room.ones[:len(x)]
	tensor.LogisticTerms(terms, ones, e, x, targets, part)
	clear(losses)
	tensor.SumRows(losses, terms)
	products := room.products[:len(losses)]
	multiplyRows(products, ones)
	tensor.Logs(products, products)
	for i, log := range products {
		losses[i] += log
	}
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
