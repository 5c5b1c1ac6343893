package probe

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/tensor"
)

// Report is what was found about a state of a network.
type Report struct {
	Fitted
	ByWeight *UnitReport `json:"by_weight,omitempty"` // the unit of the largest weight, if one has any
	ByRule   UnitReport  `json:"by_rule"`             // the unit whose rule does best on Train
	Asked    *UnitReport `json:"asked,omitempty"`
	Units    []UnitRank  `json:"units"` // those of the largest weights, then those of the best rules
	Stable   *Stability  `json:"stable,omitempty"`
	Baseline *Fitted     `json:"baseline,omitempty"`
}

// UnitRank is a unit in a few numbers.
type UnitRank struct {
	Weight float64 `json:"weight"`
	Rule
	Held *float64 `json:"held_out,omitempty"` // its rule's accuracy on Test, or else on Valid
}

// UnitReport is one unit by itself.
type UnitReport struct {
	Rule      Rule      `json:"rule"`
	Weight    float64   `json:"weight"`
	Scores    Scores    `json:"accuracy"`
	AtZero    Scores    `json:"accuracy_at_zero"` // with the threshold 0, for which no label is needed but the sign
	Histogram Histogram `json:"histogram"`        // of Test, or else of Train
}

// Stability is how often a unit leads when halves of Train are fitted to.
type Stability struct {
	Resamples int     `json:"resamples"`
	ByWeight  []Count `json:"by_weight"`
	ByRule    []Count `json:"by_rule"`
}

// Count is how often a unit leads.
type Count struct {
	Unit  int `json:"unit"`
	Times int `json:"times"`
}

// rankedUnits is how many units of each ranking a report has, bins how many a histogram has.
const (
	rankedUnits = 8
	bins        = 40
)

// Run asks all about the units of a state. The features of the sets are [Dense].
func Run(ctx context.Context, pool *tensor.Pool, sets Sets, asks Asks) (*Report, error) {
	train, ok := sets.Train.X.(Dense)
	if !ok {
		return nil, fmt.Errorf("units are asked about, and the features are a %T", sets.Train.X)
	}
	if asks.Unit >= train.Cols {
		return nil, fmt.Errorf("unit %d: the state has %d, from 0 on", asks.Unit, train.Cols)
	}
	s := newStudy(ctx, pool, sets, asks)
	s.total += asks.Resamples
	fitted, err := s.fit()
	if err != nil {
		return nil, err
	}
	r := &Report{Fitted: *fitted}
	rules := Rules(pool, train.Matrix, sets.Train.Positive)
	byRule := ranked(len(rules), func(j int) float64 { return rules[j].Accuracy })
	byWeight := ranked(len(rules), func(j int) float64 { return math.Abs(r.Model.Weights[j]) })
	r.ByRule = s.unit(r, rules[byRule[0]])
	if r.Nonzero > 0 {
		u := s.unit(r, rules[byWeight[0]])
		r.ByWeight = &u
	}
	if asks.Unit >= 0 {
		u := s.unit(r, rules[asks.Unit])
		r.Asked = &u
	}
	n := min(rankedUnits, len(rules))
	for _, j := range slices.Concat(byWeight[:min(n, r.Nonzero)], byRule[:n]) {
		if !slices.ContainsFunc(r.Units, func(u UnitRank) bool { return u.Unit == j }) {
			held := s.scores(func(set Set) float64 { return rules[j].On(set.X.(Dense).Matrix, set.Positive) }).Held()
			r.Units = append(r.Units, UnitRank{r.Model.Weights[j], rules[j], held})
		}
	}
	r.Stable, err = s.stability(r.Model)
	return r, err
}

// ranked is 0 to n-1, the largest value first.
func ranked(n int, value func(int) float64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := value(a), value(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return order
}

func (s *study) unit(r *Report, rule Rule) UnitReport {
	zero := rule
	zero.Threshold = 0
	on := func(rule Rule) Scores {
		return s.scores(func(set Set) float64 { return rule.On(set.X.(Dense).Matrix, set.Positive) })
	}
	of := s.sets.Test
	if of == nil {
		of = s.sets.Train
	}
	return UnitReport{Rule: rule, Weight: r.Model.Weights[rule.Unit], Scores: on(rule), AtZero: on(zero),
		Histogram: HistogramOf(of.X.(Dense).Matrix, of.Positive, rule.Unit, bins)}
}

// stability fits to halves of Train, with twice the C so that the texts weigh as much against the penalty, and ranks the
// rules of each half.
func (s *study) stability(m *Model) (*Stability, error) {
	n := s.asks.Resamples
	if n < 1 {
		return nil, nil
	}
	weights, rules := make([]int, n), make([]int, n)
	err := s.each(n, func(i int) error {
		half := s.sets.Train.Pick(drawn(s.sets.Train.Positive, max(2, len(s.sets.Train.Positive)/2), s.asks.Seed, useResamples, uint32(i)))
		fit, err := Fit(s.ctx, nil, half.X, half.Positive, 2*m.C, m, s.asks.Fit)
		if err != nil {
			return err
		}
		weights[i] = fit.Leading()
		own := Rules(nil, half.X.(Dense).Matrix, half.Positive)
		rules[i] = ranked(len(own), func(j int) float64 { return own[j].Accuracy })[0]
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.count(n)
	return &Stability{n, counted(weights), counted(rules)}, nil
}

// counted is how often each unit comes, the most frequent first and of equal ones the lower. No unit, -1, is left out.
func counted(units []int) (counts []Count) {
	slices.Sort(units)
	for i, u := range units {
		switch {
		case u < 0:
		case i > 0 && units[i-1] == u:
			counts[len(counts)-1].Times++
		default:
			counts = append(counts, Count{u, 1})
		}
	}
	sort.SliceStable(counts, func(i, j int) bool { return counts[i].Times > counts[j].Times })
	return counts
}
