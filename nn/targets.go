package nn

import (
	"fmt"
	"slices"
)

// Targets is what a batch should be taken for, a class for each of its rows: the
// symbols that come next [T*L*R], the classes of images or sequences [L*R], or
// the classes of pixels [L*R*Height*Width].
type Targets struct {
	Layout  Layout  // of the rows
	Classes int     // how many there are; 0: nobody said
	Ignored []int32 // values beside the classes that stand for nothing to predict
	Target  []int32 // class of each row; negative where there is nothing to predict

	// Mixed samples (mixup, CutMix) belong to a second class too. Both are nil
	// where no sample is mixed; Mix makes them.
	Other []int32   // second class of each row; negative where the row has one class
	Share []float32 // of Target, in [0, 1]; Other has the rest

	// Count is how many targets the whole global batch has, where a loss is a
	// mean over these. Who knows it from the data set sets it; see Loss.Total.
	Count int
}

// NewTargets returns room for a class for each row of the layout.
func NewTargets(l Layout) *Targets { return &Targets{Layout: l, Target: make([]int32, l.Total())} }

// Mix makes room for second classes, and says that no row has one yet.
func (k *Targets) Mix() {
	if k.Other == nil {
		k.Other, k.Share = make([]int32, len(k.Target)), make([]float32, len(k.Target))
	}
	for i := range k.Other {
		k.Other[i], k.Share[i] = -1, 1
	}
}

// Check returns an error unless every target lies below classes, or is one of
// those that a loss ignores, and every share lies in [0, 1].
func (k *Targets) Check(classes int, ignored ...int32) error {
	for _, list := range [][]int32{k.Target, k.Other} {
		for i, x := range list {
			if int(x) >= classes && !slices.Contains(ignored, x) {
				return fmt.Errorf("nn: target %d at place %d is not one of the model's %d symbols", x, i, classes)
			}
		}
	}
	for i, s := range k.Share {
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("nn: the target at place %d has a share of %v, which is not in [0, 1]", i, s)
		}
	}
	return nil
}

// Ignores reports whether a value stands for nothing to predict.
func (k *Targets) Ignores(value int32) bool { return slices.Contains(k.Ignored, value) }
