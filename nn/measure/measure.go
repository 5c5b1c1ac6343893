package measure

import "fmt"

// Measure has counted some samples.
type Measure interface {
	// Vector returns all that has been counted, as the measure keeps it: clearing
	// the vector forgets it. The length is the same for all measures made alike.
	Vector() []float64

	// Merge counts what another measure, made alike, has counted: v is its vector.
	Merge(v []float64)
}

// counts is the vector of a measure that adds up whole numbers.
type counts []float64

// Vector returns the counts.
func (c counts) Vector() []float64 { return c }

// Merge adds the counts of another. It panics when their number differs.
func (c counts) Merge(v []float64) {
	sameLength(len(c), len(v))
	for i, n := range v {
		c[i] += n
	}
}

func sameLength(own, other int) {
	if own != other {
		panic(fmt.Sprintf("measure: a vector of %d merged with one of %d; make both measures alike", own, other))
	}
}
