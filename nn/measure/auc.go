package measure

import (
	"fmt"
	"math"
	"slices"
)

// AUC measures how well a score tells samples that belong to a class from those
// that do not. The area under the ROC curve is the probability that one of the
// first has a higher score than one of the others, where a tie counts half.
//
// It needs all scores: the vector has an element for each sample that there is
// room for, and merging puts one list behind the other.
type AUC struct {
	keys []float64 // of each sample 1 + 2·(place of its score among all float32) + (1 if it belongs); 0 where there is none
	n    int
}

// NewAUC returns a measure of at most so many samples.
func NewAUC(samples int) *AUC { return &AUC{keys: make([]float64, samples)} }

// Vector returns the samples, and zeros behind them.
func (m *AUC) Vector() []float64 { return m.keys }

// Bind makes v the vector. Its length is the room for samples.
func (m *AUC) Bind(v []float64) {
	m.keys = v
	m.n, _ = slices.BinarySearchFunc(v, 0, func(key, _ float64) int {
		if key == 0 {
			return 1
		}
		return -1
	})
}

// Add counts a sample. It panics when there is no room.
func (m *AUC) Add(score float32, is bool) {
	key := 1 + 2*uint64(place(score))
	if is {
		key++
	}
	m.add(float64(key))
}

func (m *AUC) add(key float64) {
	if m.n > 0 && m.keys[m.n-1] == 0 { // the vector was cleared
		m.n = 0
	}
	if m.n == len(m.keys) {
		panic(fmt.Sprintf("measure: AUC has room for %d samples, and another comes", len(m.keys)))
	}
	m.keys[m.n] = key
	m.n++
}

// Merge puts the samples of another behind. It panics when there is no room.
func (m *AUC) Merge(v []float64) {
	for _, key := range v {
		if key == 0 {
			return
		}
		m.add(key)
	}
}

// place numbers the float32 values in their order. Both zeros are one, and so are
// all NaN, behind infinity.
func place(x float32) uint32 {
	switch {
	case x != x:
		return math.MaxUint32
	case x == 0:
		return 1 << 31
	}
	b := math.Float32bits(x)
	if b>>31 == 1 {
		return ^b
	}
	return b | 1<<31
}

// Value returns the area: 1 for a score that is always right, 1/2 for one that
// says nothing. It is NaN without samples of either kind, and where a score is.
// Pairs are counted in whole numbers, so it is exact but for one division.
func (m *AUC) Value() float64 {
	keys := make([]uint64, 0, m.n)
	for _, key := range m.keys {
		if key == 0 {
			break
		}
		keys = append(keys, uint64(key)-1)
	}
	slices.Sort(keys)
	if n := len(keys); n == 0 || keys[n-1]/2 == math.MaxUint32 {
		return math.NaN()
	}
	var below, above, twice uint64 // others so far, samples of the class so far, twice the pairs that are in order
	for i := 0; i < len(keys); {
		var equal [2]uint64 // of this score: others, samples of the class
		for score := keys[i] / 2; i < len(keys) && keys[i]/2 == score; i++ {
			equal[keys[i]%2]++
		}
		twice += equal[1] * (2*below + equal[0])
		below, above = below+equal[0], above+equal[1]
	}
	return float64(twice) / (2 * float64(below) * float64(above))
}
