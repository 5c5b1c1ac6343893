package probe

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/rondo-ml/rondo/tensor"
)

// Sets are what is asked about: Train is fitted to, C is chosen on Valid, and Test is met once, at the end. Valid and
// Test may be nil: C is then chosen by folds of Train.
type Sets struct{ Train, Valid, Test *Set }

// Asks say what is asked beside the fit.
type Asks struct {
	Cs        []float64 // ascending; nil: those of Cs
	Labels    []int     // numbers of labels; those that Train does not exceed are left out
	Draws     int       // of each number of labels
	Resamples int       // halves of Train that are fitted to
	Unit      int       // one to report whatever its rank; below 0: none
	Seed      uint64
	Fit       Options
	Report    func(done, total int) // fits; may be nil
	Chosen    func(f *Fitted)       // called once C is chosen, before labels are drawn; may be nil
}

// Scores are shares of texts that are told right.
type Scores struct {
	Train float64  `json:"train"`
	Folds *float64 `json:"folds,omitempty"` // the mean over folds of Train that were not fitted to, where C is chosen by them
	Valid *float64 `json:"valid,omitempty"`
	Test  *float64 `json:"test,omitempty"`
}

// Best is the score that says most, and its name: on texts that were not fitted to, of Test, or else of Valid, or else of the folds,
// as "test", "valid" or "folds"; where there are none, that of Train, as "train".
func (s Scores) Best() (share float64, of string) {
	switch {
	case s.Test != nil:
		return *s.Test, "test"
	case s.Valid != nil:
		return *s.Valid, "valid"
	case s.Folds != nil:
		return *s.Folds, "folds"
	}
	return s.Train, "train"
}

// Held is the score on texts of another set than Train: of Test, or else of Valid; nil where there is neither.
func (s Scores) Held() *float64 {
	if s.Test != nil {
		return s.Test
	}
	return s.Valid
}

// Fitted is a path of models, and the one that was chosen.
type Fitted struct {
	Path    []PathPoint  `json:"path"`
	C       float64      `json:"c"`
	Columns int          `json:"columns"`
	Nonzero int          `json:"nonzero"`
	Scores  Scores       `json:"accuracy"`
	Labels  []LabelPoint `json:"labels,omitempty"`
	Model   *Model       `json:"model,omitempty"`
}

// PathPoint is the model for one C.
type PathPoint struct {
	C       float64 `json:"c"`
	Nonzero int     `json:"nonzero"`
	Train   float64 `json:"train"`
	Chosen  float64 `json:"chosen_by"` // accuracy on Valid, or the mean over folds
}

// LabelPoint is what so many labels come to, over draws.
type LabelPoint struct {
	Labels    int     `json:"labels"`
	Draws     int     `json:"draws"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
}

// study is an asking under way.
type study struct {
	ctx   context.Context
	pool  *tensor.Pool
	sets  Sets
	asks  Asks
	total int

	counting sync.Mutex // fits that go on side by side are counted one by one
	done     int
}

func newStudy(ctx context.Context, pool *tensor.Pool, sets Sets, asks Asks) *study {
	if asks.Cs == nil {
		asks.Cs = Cs()
	}
	s := &study{ctx: ctx, pool: pool, sets: sets, asks: asks, total: len(asks.Cs)}
	if sets.Valid == nil {
		s.total += folds * len(asks.Cs)
	}
	for _, n := range asks.Labels {
		if n < len(sets.Train.Positive) {
			s.total += asks.Draws
		}
	}
	return s
}

func (s *study) count(n int) {
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.done += n; s.asks.Report != nil {
		s.asks.Report(s.done, s.total)
	}
}

// Fitting fits the path, chooses C, and counts how few labels do. It is what units and words have in common.
func Fitting(ctx context.Context, pool *tensor.Pool, sets Sets, asks Asks) (*Fitted, error) {
	return newStudy(ctx, pool, sets, asks).fit()
}

func (s *study) fit() (*Fitted, error) {
	train := *s.sets.Train
	if err := bothClasses(train.Positive); err != nil {
		return nil, err
	}
	if s.sets.Valid == nil {
		if err := Foldable(train.Positive); err != nil {
			return nil, err
		}
	}
	models, chosen, err := s.paths()
	if err != nil {
		return nil, err
	}
	_, cols := train.X.Size()
	f := &Fitted{Columns: cols}
	for i, m := range models {
		f.Path = append(f.Path, PathPoint{m.C, m.Nonzero(), m.Accuracy(s.pool, train), chosen[i]})
	}
	at := best(chosen)
	f.Model = models[at]
	f.C, f.Nonzero = f.Model.C, f.Model.Nonzero()
	f.Scores = s.scores(func(set Set) float64 { return f.Model.Accuracy(s.pool, set) })
	if s.sets.Valid == nil {
		f.Scores.Folds = &chosen[at]
	}
	if s.asks.Chosen != nil {
		s.asks.Chosen(f)
	}
	f.Labels, err = s.labels(f.C)
	return f, err
}

// scores are what a way to tell classes apart comes to on each set.
func (s *study) scores(of func(Set) float64) (r Scores) {
	r.Train = of(*s.sets.Train)
	if s.sets.Valid != nil {
		v := of(*s.sets.Valid)
		r.Valid = &v
	}
	if s.sets.Test != nil {
		v := of(*s.sets.Test)
		r.Test = &v
	}
	return r
}

// labels draws few labels, fits to them alone, and measures on Test, or else on Valid, or else on what was not drawn.
// Each draw has its own C: the best on Valid, or, without it, the one for all labels so far enlarged that the texts
// weigh as much against the penalty.
func (s *study) labels(c float64) (points []LabelPoint, err error) {
	all := len(s.sets.Train.Positive)
	for _, n := range s.asks.Labels {
		if n >= all || s.asks.Draws < 1 {
			continue
		}
		scores := make([]float64, s.asks.Draws)
		if err := s.each(s.asks.Draws, func(draw int) error {
			score, err := s.draw(n, draw, c)
			scores[draw] = score
			return err
		}); err != nil {
			return nil, fmt.Errorf("%d labels: %w", n, err)
		}
		s.count(s.asks.Draws)
		points = append(points, spread(n, scores))
	}
	return points, nil
}

// each calls f for 0 to n-1, shared out over the pool, of which f has none.
func (s *study) each(n int, f func(i int) error) error {
	errs := make([]error, n)
	s.pool.For(n, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = f(i)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *study) draw(n, draw int, c float64) (float64, error) {
	rows := drawn(s.sets.Train.Positive, n, s.asks.Seed, useLabels+uint32(n)<<2, uint32(draw))
	few, cs := s.sets.Train.Pick(rows), s.asks.Cs
	if s.sets.Valid == nil {
		cs = []float64{min(c*float64(len(s.sets.Train.Positive))/float64(n), 1)}
	}
	models, err := Path(s.ctx, nil, few, cs, s.asks.Fit, nil)
	if err != nil {
		return 0, err
	}
	held, at := s.sets.Test, 0
	if s.sets.Valid != nil {
		chosen := make([]float64, len(models))
		for i, m := range models {
			chosen[i] = m.Accuracy(nil, *s.sets.Valid)
		}
		at = best(chosen)
		if held == nil {
			held = s.sets.Valid
		}
	}
	if held == nil {
		rest := s.sets.Train.Pick(others(len(s.sets.Train.Positive), rows))
		held = &rest
	}
	return models[at].Accuracy(nil, *held), nil
}

// others are the numbers below n that are not among some.
func others(n int, some []int) (rest []int) {
	is := make([]bool, n)
	for _, i := range some {
		is[i] = true
	}
	for i, drawn := range is {
		if !drawn {
			rest = append(rest, i)
		}
	}
	return rest
}

func spread(labels int, scores []float64) LabelPoint {
	p := LabelPoint{Labels: labels, Draws: len(scores), Low: math.Inf(1), High: math.Inf(-1)}
	for _, v := range scores {
		p.Mean += v / float64(len(scores))
		p.Low, p.High = min(p.Low, v), max(p.High, v)
	}
	if n := len(scores); n > 1 {
		sum := 0.0
		for _, v := range scores {
			sum += (v - p.Mean) * (v - p.Mean)
		}
		p.Deviation = math.Sqrt(sum / float64(n-1))
	}
	return p
}
