package probe

import (
	"context"
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Set is labelled features.
type Set struct {
	X        Table
	Positive []bool
}

// Pick is some texts of a set.
func (s Set) Pick(rows []int) Set {
	y := Set{X: s.X.Pick(rows), Positive: make([]bool, len(rows))}
	for i, row := range rows {
		y.Positive[i] = s.Positive[row]
	}
	return y
}

// Cs is the path of the paper, 2⁻⁸ to 2⁰.
func Cs() (cs []float64) {
	for c := 1.0 / 256; c <= 1; c *= 2 {
		cs = append(cs, c)
	}
	return cs
}

// Nonzero is how many units have a weight.
func (m *Model) Nonzero() (n int) {
	for _, w := range m.Weights {
		if w != 0 {
			n++
		}
	}
	return n
}

// Leading is the unit of the largest weight by size, the first of equal ones; -1 if none has one.
func (m *Model) Leading() int {
	best, most := -1, 0.0
	for j, w := range m.Weights {
		if w = max(w, -w); w > most {
			best, most = j, w
		}
	}
	return best
}

// Accuracy is the share of a set that the model is right about.
func (m *Model) Accuracy(pool *tensor.Pool, s Set) float64 {
	margin := make([]float64, len(s.Positive))
	s.X.multiply(pool, margin, m.Weights)
	right := 0
	for i, v := range margin {
		if (v+m.Bias > 0) == s.Positive[i] {
			right++
		}
	}
	return float64(right) / float64(max(len(margin), 1))
}

// Path fits a model for each C, which ascend.
func Path(ctx context.Context, pool *tensor.Pool, s Set, cs []float64, opt Options, each func()) (models []*Model, err error) {
	var m *Model
	for _, c := range cs {
		if m, err = Fit(ctx, pool, s.X, s.Positive, c, m, opt); err != nil {
			return nil, err
		}
		models = append(models, m)
		if each != nil {
			each()
		}
	}
	return models, nil
}

// folds is how many parts a set is cut into where no texts are held out.
const folds = 5

// Foldable says what is wrong with choosing C by folds of texts: each is to have some of both classes.
func Foldable(positive []bool) error {
	n := 0
	for _, p := range positive {
		if p {
			n++
		}
	}
	if min(n, len(positive)-n) < folds {
		return fmt.Errorf("%d negative and %d positive texts are too few for %d folds; give held-out texts to choose C by", len(positive)-n, n, folds)
	}
	return nil
}

// fold is a set without a part of it, and that part.
type fold struct{ in, out []int }

// foldsOf cuts texts into parts, each of which has its share of each class.
func foldsOf(positive []bool, seed uint64) []fold {
	of := make([]int, len(positive))
	var count [2]int
	for _, row := range shuffled(len(of), seed, useFolds, 0) {
		class := 0
		if positive[row] {
			class = 1
		}
		of[row] = count[class] % folds
		count[class]++
	}
	parts := make([]fold, folds)
	for row, k := range of {
		for i := range parts {
			if i == k {
				parts[i].out = append(parts[i].out, row)
			} else {
				parts[i].in = append(parts[i].in, row)
			}
		}
	}
	return parts
}

// paths fits a path to all of Train, and measures each C on Valid, or else on the mean of folds that a model has not met.
// A fit to sparse features is one goroutine's work, so that these paths go on side by side.
func (s *study) paths() (models []*Model, chosen []float64, err error) {
	train := *s.sets.Train
	var parts []fold
	if s.sets.Valid == nil {
		parts = foldsOf(train.Positive, s.asks.Seed)
	}
	held := make([][]float64, len(parts))
	one := func(pool *tensor.Pool, i int) error {
		set := train
		if i > 0 {
			set = train.Pick(parts[i-1].in)
		}
		path, err := Path(s.ctx, pool, set, s.asks.Cs, s.asks.Fit, func() { s.count(1) })
		if err != nil {
			return err
		}
		if i == 0 {
			models = path
			return nil
		}
		out := train.Pick(parts[i-1].out)
		for _, m := range path {
			held[i-1] = append(held[i-1], m.Accuracy(pool, out))
		}
		return nil
	}
	if _, sparse := train.X.(Sparse); sparse {
		err = s.each(len(parts)+1, func(i int) error { return one(nil, i) })
	} else {
		for i := 0; i <= len(parts) && err == nil; i++ {
			err = one(s.pool, i)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	chosen = make([]float64, len(models))
	for c, m := range models {
		if s.sets.Valid != nil {
			chosen[c] = m.Accuracy(s.pool, *s.sets.Valid)
		}
		for _, of := range held {
			chosen[c] += of[c] / folds
		}
	}
	return models, chosen, nil
}

// best is the first of the largest: of equal ones the smallest C, which leaves the fewest units.
func best(values []float64) (at int) {
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}
