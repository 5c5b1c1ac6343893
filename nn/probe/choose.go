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

// crossValidate is the mean accuracy for each C on folds that a model has not met. A fold has its share of each class.
func crossValidate(ctx context.Context, pool *tensor.Pool, s Set, cs []float64, seed uint64, opt Options, each func()) ([]float64, error) {
	fold := make([]int, len(s.Positive))
	var count [2]int
	for _, row := range shuffled(len(fold), seed, useFolds, 0) {
		class := 0
		if s.Positive[row] {
			class = 1
		}
		fold[row] = count[class] % folds
		count[class]++
	}
	mean := make([]float64, len(cs))
	for k := range folds {
		var in, out []int
		for row, f := range fold {
			if f == k {
				out = append(out, row)
			} else {
				in = append(in, row)
			}
		}
		held := s.Pick(out)
		models, err := Path(ctx, pool, s.Pick(in), cs, opt, each)
		if err != nil {
			return nil, err
		}
		for i, m := range models {
			mean[i] += m.Accuracy(pool, held) / folds
		}
	}
	return mean, nil
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
