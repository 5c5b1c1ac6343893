package measure

import (
	"fmt"
	"slices"
)

// Top counts how often the right class is among the k best.
type Top struct {
	sums // samples, then for each k those that are right
	k    []int
}

// NewTop returns a measure for these k: 1 and 5, say.
func NewTop(k ...int) *Top { return &Top{newSums(1 + len(k)), k} }

// Add counts a sample by the scores of its classes, logits or probabilities alike.
// A negative target is not counted. Among equal scores the first class is the
// best; a sample with a score of NaN is not right.
func (m *Top) Add(scores []float32, target int32) {
	if target < 0 {
		return
	}
	m.v[0]++
	rank := rankOf(scores, int(target))
	for i, k := range m.k {
		if rank < k {
			m.v[1+i]++
		}
	}
}

// rankOf is how many classes are better than the target; all where a score is NaN.
func rankOf(scores []float32, target int) int {
	rank, score := 0, scores[target]
	for j, x := range scores {
		switch {
		case x != x:
			return len(scores)
		case x > score || x == score && j < target:
			rank++
		}
	}
	return rank
}

// Samples returns how many samples were counted.
func (m *Top) Samples() int { return int(m.v[0]) }

// Right returns the share of samples whose class is among the k best. It panics
// for a k that the measure was not made for.
func (m *Top) Right(k int) float64 {
	i := slices.Index(m.k, k)
	if i < 0 {
		panic(fmt.Sprintf("measure: top-%d of a measure for %v", k, m.k))
	}
	return m.v[1+i] / m.v[0]
}

// ArgMax returns the place of the largest value, the first among equals.
func ArgMax(x []float32) int {
	best := 0
	for j, v := range x {
		if above(v, x[best]) {
			best = j
		}
	}
	return best
}

// above says whether x is the larger. NaN is the smallest.
func above(x, y float32) bool { return x > y || y != y && x == x }

// Best fills dst with the classes of the len(dst) best scores, best first; the
// first among equals, and NaN behind all numbers. It panics when there are fewer.
func Best(dst []int, scores []float32) {
	if len(dst) > len(scores) {
		panic(fmt.Sprintf("measure: the best %d of %d classes", len(dst), len(scores)))
	}
	n := 0
	for j, x := range scores {
		at := n
		for at > 0 && above(x, scores[dst[at-1]]) {
			at--
		}
		if at == len(dst) {
			continue
		}
		n = min(n+1, len(dst))
		copy(dst[at+1:n], dst[at:])
		dst[at] = j
	}
}
