package nn

import (
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// normAdd has a batch norm add what is added to its result behind it: the end of
// a residual block. Where both addends are norms, the later one adds.
func normAdd(f *fuser, j int) []string {
	sum, ok := f.ops[j].(*residual)
	if !ok || sum.a == sum.b {
		return nil
	}
	own, add := sum.a, sum.b
	if add.producer > own.producer {
		own, add = add, own
	}
	for range 2 {
		n, ok := f.producerOf(own).(*batchNorm)
		if ok && n.add == nil && n.plain() && f.onlyReader(own) == j && f.mergesNorm(n, own.producer, j) {
			use := f.uses[own.producer]
			n.add, n.y = add, sum.y
			use.Inputs, use.Outputs = []*Node{n.x, add}, []*Node{sum.y}
			use.InPlace = add != n.x
			return f.merge(own.producer, j, use)
		}
		own, add = add, own
	}
	return nil
}

// normActivation has a batch norm, and what it adds, apply the element-wise
// function behind it.
func normActivation(f *fuser, j int) []string {
	a, ok := f.ops[j].(*activate)
	if !ok {
		return nil
	}
	n, ok := f.producerOf(a.x).(*batchNorm)
	if !ok || !n.plain() || f.onlyReader(a.x) != j || !f.mergesNorm(n, a.x.producer, j) {
		return nil
	}
	i := a.x.producer
	use := f.uses[i]
	use.Outputs, use.Keep = []*Node{a.y}, slices.Clone(use.Keep)
	n.y = a.y
	n.apply(a.f, &use)
	return f.merge(i, j, use)
}

// groupRectifier has a group norm rectify its result.
func groupRectifier(f *fuser, j int) []string {
	a, ok := f.ops[j].(*activate)
	if !ok || a.f.rectifier == tensor.Identity {
		return nil
	}
	n, ok := f.producerOf(a.x).(*groupNorm)
	if !ok || n.r != tensor.Identity || f.onlyReader(a.x) != j || !f.canMerge(a.x.producer, j) {
		return nil
	}
	i := a.x.producer
	use := f.uses[i]
	use.Outputs = []*Node{a.y}
	n.r, n.y = a.f.rectifier, a.y
	return f.merge(i, j, use)
}

// mergesNorm says whether norm n, operation i, may be computed where j is. No
// other operation of the same layer lies between, whose moments would be measured
// in another order.
func (f *fuser) mergesNorm(n *batchNorm, i, j int) bool {
	for k := i + 1; k < j; k++ {
		if m, ok := f.ops[k].(*batchNorm); ok && m.BatchNorm == n.BatchNorm {
			return false
		}
	}
	return f.canMerge(i, j)
}

// convMoments has a convolution take the moments of the batch norm that reads its
// outputs.
func convMoments(f *fuser, i int) []string {
	n, ok := f.ops[i].(*batchNorm)
	if !ok || f.Mode != Training || !n.ofBatch {
		return nil
	}
	c, ok := f.producerOf(n.x).(*conv2d)
	if !ok || c.behind != nil {
		return nil
	}
	c.behind, n.measured = n, true
	ahead := &f.uses[n.x.producer]
	ahead.Saved = append(slices.Clone(ahead.Saved), n.mean, n.variance)
	return []string{ahead.Name, n.Name}
}

// convSums has a convolution form the sums of the batch norm that it reads: the
// first to read an activation completes its gradient, and has it in cache.
func convSums(f *fuser, i int) []string {
	c, ok := f.ops[i].(*conv2d)
	if !ok || f.Mode != Training || f.readers[c.x][0] != i {
		return nil
	}
	n, ok := f.producerOf(c.x).(*batchNorm)
	if !ok || !c.x.needsGrad || n.f != nil {
		return nil
	}
	c.before, n.summed = n, true
	use := &f.uses[i]
	use.Scratch = append(slices.Clone(use.Scratch), n.u, n.v)
	return []string{n.Name, use.Name}
}
