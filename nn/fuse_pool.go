package nn

import (
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// poolRectifier has a max pool take the maxima of what is rectified before it, and
// the rectifier its results, of which there are fewer: the larger of two rectified
// values is the larger value rectified. Where a gradient goes stays the same: to the
// first of the largest, unless they are cut off. Only the sign of a zero may differ.
// Of values that are cut off, another one is the maximum: it does not apply where
// others read where the maxima are ([Tape.MaxUnpool]). A convolution before both can
// then pool its outputs at once.
func poolRectifier(f *fuser, j int) []string {
	p, ok := f.ops[j].(*maxPool)
	if !ok || f.hasReaders(p.at, j) {
		return nil
	}
	a, ok := f.producerOf(p.x).(*activate)
	if !ok || a.f.rectifier == tensor.Identity || f.onlyReader(p.x) != j || !f.canMerge(p.x.producer, j) {
		return nil
	}
	i := p.x.producer
	first, then := f.uses[j], f.uses[i]
	p.x.gone = first.Name
	delete(f.readers, p.x)
	between := f.like(p.y)
	between.producer, between.needsGrad = i, p.y.needsGrad
	p.y.producer = j
	p.x, p.y, a.x, a.y, a.kept = a.x, between, between, p.y, p.y
	first.Inputs, first.Outputs = []*Node{p.x}, []*Node{p.y}
	then.Inputs, then.Outputs, then.Keep = []*Node{a.x}, []*Node{a.y}, []*Node{a.kept}
	f.readers[between] = []int{j}
	f.ops[i], f.uses[i], f.ops[j], f.uses[j] = p, first, a, then
	return []string{then.Name, first.Name}
}

// hasReaders says whether an operation other than i reads what i saves in b.
func (f *fuser) hasReaders(b *Buffer, i int) bool {
	for k := i + 1; k < len(f.uses); k++ {
		if slices.Contains(f.uses[k].Saved, b) {
			return true
		}
	}
	return false
}

// convPool has a max pool compute the outputs of the convolution that it alone
// reads. While training, the convolution's input is kept until then.
func convPool(f *fuser, i int) []string {
	p, ok := f.ops[i].(*maxPool)
	if !ok || !p.x.needsGrad || f.onlyReader(p.x) != i {
		return nil
	}
	c, ok := f.producerOf(p.x).(*conv2d)
	if !ok {
		return nil
	}
	p.conv, c.pooled = c, true
	return []string{f.uses[p.x.producer].Name, f.uses[i].Name}
}
