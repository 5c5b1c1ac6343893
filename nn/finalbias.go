package nn

import (
	"errors"
	"fmt"
	"slices"
)

// FinalBias returns the parameter that is added to the columns of x last: the bias of the dense layer or convolution that
// forms x or a term of it. Poolings, resizing and the like may follow that layer: what is added to a column before them is added
// behind them. Where there is no such bias, the error names what stands in the way. It is called before Plan.
func (t *Tape) FinalBias(x *Node) (*Param, error) {
	op := t.producerOf(x)
	if op == nil {
		return nil, errors.New("no layer stands before it")
	}
	use := &t.uses[x.producer]
	var is any
	if d, ok := op.(describer); ok {
		is = d.describe()
	}
	var bias *Param
	switch d := is.(type) {
	case DenseOp:
		bias = d.Bias
	case ConvOp:
		bias = d.Bias
	case SumOp:
		return t.finalBiasOfSum(d, use)
	default:
		if passesShift(is, use) {
			return t.FinalBias(use.Inputs[0])
		}
		return nil, fmt.Errorf("it comes from %s, which is no dense layer or convolution", use.Name)
	}
	if bias == nil {
		return nil, fmt.Errorf("%s has no bias", use.Name)
	}
	return bias, nil
}

// finalBiasOfSum is that of the last term that has one and counts once.
func (t *Tape) finalBiasOfSum(sum SumOp, use *Use) (p *Param, err error) {
	err = fmt.Errorf("%s weighs its terms", use.Name)
	for i, x := range slices.Backward(use.Inputs) {
		if sum.Weights != nil && sum.Weights[i] != 1 {
			continue
		}
		if p, err = t.FinalBias(x); err == nil {
			return p, nil
		}
	}
	return nil, err
}

// passesShift reports whether an operation, by what it computes, adds to a column what is added to that of its first input.
func passesShift(is any, use *Use) bool {
	switch d := is.(type) {
	case PoolOp:
		s := d.Shape
		return d.Max || !d.CountPad || s.PadH|s.PadW|s.MoreH|s.MoreW == 0 && !s.Same
	case BinsOp, ResizeOp, StepsOp:
		return true
	case PadOp: // pixels that are cut off
		return max(d.Top, d.Left, d.Bottom, d.Right) <= 0
	case ReshapeOp: // of images of one pixel
		return use.Inputs[0].Cols == use.Outputs[0].Cols
	}
	return false
}
