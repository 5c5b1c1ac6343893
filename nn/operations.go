package nn

import "slices"

// TrainingOperations returns the floating-point operations of the matrix products and convolutions of one Forward and one
// Backward, those on padding included. Gradients of frozen weights and of what comes from outside are not formed and not
// counted. Winograd's convolutions count as what they stand for.
func (t *Tape) TrainingOperations() int {
	sum := 0
	for i, op := range t.ops {
		if o, ok := op.(*byStepOp); ok {
			sum += o.trainingOperations()
			continue
		}
		use := &t.uses[i]
		forward := forwardOperations(op, use)
		if forward == 0 {
			continue
		}
		sum += forward
		inward := slices.ContainsFunc(use.Inputs, (*Node).NeedsGrad)
		weights := use.Weights[0].NeedsGrad()
		if _, recurs := op.(recurrence); recurs {
			weights = slices.ContainsFunc(use.Weights, (*Weight).NeedsGrad)
			inward = inward || weights // the gradient goes back through time, whether the input wants one or not
		}
		if weights {
			sum += forward
		}
		if inward {
			sum += forward
		}
	}
	return sum
}

// forwardOperations are those of the products in an operation's Forward.
func forwardOperations(op Operation, use *Use) int {
	if m, ok := op.(interface{ operations() int }); ok {
		return m.operations()
	}
	if _, recurs := op.(recurrence); !recurs {
		return 0
	}
	if d, ok := op.(describer); ok {
		if r, ok := d.describe().(RecurrentOp); ok {
			return 2 * use.Outputs[0].Rows * productsOf(r.Params)
		}
	}
	return 0
}
