package measure

import "fmt"

// Measure has counted some samples.
type Measure interface {
	// Vector returns all that has been counted. The length is the same for all
	// measures made alike, and a vector of zeros is that of no samples.
	Vector() []float64

	// Bind makes v the vector of the measure, which from then on counts there.
	Bind(v []float64)

	// Merge counts what another measure, made alike, has counted: v is its vector.
	Merge(v []float64)
}

// sums is a measure whose vectors are merged by adding them.
type sums struct{ v []float64 }

func newSums(n int) sums { return sums{make([]float64, n)} }

// Vector returns the sums.
func (s *sums) Vector() []float64 { return s.v }

// Bind makes v the sums. It panics when their number differs.
func (s *sums) Bind(v []float64) {
	sameLength(len(s.v), len(v))
	s.v = v
}

// Merge adds the sums of another. It panics when their number differs.
func (s *sums) Merge(v []float64) {
	sameLength(len(s.v), len(v))
	for i, n := range v {
		s.v[i] += n
	}
}

func sameLength(own, other int) {
	if own != other {
		panic(fmt.Sprintf("measure: a vector of %d for a measure of %d; make both alike", other, own))
	}
}
