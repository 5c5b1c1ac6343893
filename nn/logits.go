package nn

import "fmt"

// needLogits panics when x holds probabilities already, of which a loss would
// take the softmax or the sigmoid a second time: the network would still learn,
// slowly and badly, and nothing else would tell.
func (t *Tape) needLogits(name, does string, x *Node) {
	if from := t.probabilities(x); from != nil {
		panic(fmt.Sprintf("nn: %s takes logits, got the %s that %s gives; leave that out: %s applies %s itself",
			name, from.holds, t.uses[from.producer].Name, name, does))
	}
}

// probabilities returns the activation of probabilities that x's values are, or are
// picked from, or are means of; nil where x is something else.
func (t *Tape) probabilities(x *Node) *Node {
	if x.holds != "" {
		return x
	}
	if x.producer < 0 {
		return nil
	}
	inputs := t.uses[x.producer].Inputs
	switch op := t.ops[x.producer].(type) {
	case *flatten, *unflatten, *permute, *reverse, *overTime, *columnSlice, *crop, *zeroPad, *zeroPadding,
		*maxPool, *maxBins, *avgPool, *resample, *unpool, *maxout, *dropout, *unitDropout:
		return t.probabilities(inputs[0])
	case *concat, *residual:
		return t.allProbabilities(inputs)
	case *elements:
		if sum, is := op.is.(SumOp); is && areShares(sum.Weights) {
			return t.allProbabilities(inputs)
		}
	}
	return nil
}

// allProbabilities is the first of the activations, as probabilities has it, where
// all of them are such; else nil.
func (t *Tape) allProbabilities(xs []*Node) (first *Node) {
	for _, x := range xs {
		from := t.probabilities(x)
		if from == nil {
			return nil
		}
		if first == nil {
			first = from
		}
	}
	return first
}

// areShares says whether all weights of a sum lie in [0, 1], as those of a mean do.
func areShares(weights []float32) bool {
	for _, w := range weights {
		if !(w >= 0 && w <= 1) {
			return false
		}
	}
	return true
}

// needTargets panics unless the targets have a row for each row of x.
func (t *Tape) needTargets(name string, x *Node, l Layout, targets int) {
	rows, sameSize := l.Total(), !l.IsImage() || !x.Layout.IsImage() || l.Height == x.Layout.Height && l.Width == x.Layout.Width
	if !x.Layout.SameRows(l) || !sameSize || targets != rows || l.Lanes != t.Shape.Lanes {
		panic(fmt.Sprintf("nn: %s takes %d rows and targets, got %d and %d (%v; the targets have %v)", name, rows,
			x.Rows, targets, x, l))
	}
}
