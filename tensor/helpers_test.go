package tensor

import (
	"math"
	"testing"
)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// eachTier runs f once for every exact tier of this machine, with that tier in use.
func eachTier(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer func(old tier) { active = old }(active)
	for i := range tiers {
		if !available(tier(i)) || !tier(i).exact() {
			continue
		}
		active = tier(i)
		t.Run(Tier(), f)
	}
}

// source is a stream of reproducible test values.
type source struct {
	seed, n uint32
	words   [4]uint32
}

func (s *source) word() uint32 {
	if s.n%4 == 0 {
		s.words = Philox([2]uint32{s.seed}, [4]uint32{s.n / 4})
	}
	s.n++
	return s.words[(s.n-1)%4]
}

// below is an integer in [0, n).
func (s *source) below(n int) int { return int(uint64(s.word()) * uint64(n) >> 32) }

func (s *source) fill(x []float32) {
	for i := range x {
		x[i] = UniformOf(s.word()) - 0.5
	}
}

// random fills a matrix with reproducible values in [-0.5, 0.5).
func random(m Matrix, seed uint32) Matrix {
	(&source{seed: seed}).fill(m.Data)
	return m
}

// guarded is a matrix in the middle of guard words, with a stride of its own.
type guarded struct {
	Matrix
	all []float32
}

const (
	guard      = 16
	guardValue = float32(-12345.678)
)

func newGuarded(s *source, rows, cols, stride int) guarded {
	n := 0
	if rows > 0 {
		n = (rows-1)*stride + cols
	}
	g := guarded{all: make([]float32, n+2*guard)}
	Fill(g.all, guardValue)
	g.Matrix = Matrix{Data: g.all[guard : guard+n : guard+n], Rows: rows, Cols: cols, Stride: stride}
	for i := range rows {
		s.fill(g.Row(i))
	}
	return g
}

// intact reports whether everything that is no element of the matrix still has its guard value.
func (g guarded) intact(t failer) {
	t.Helper()
	for i, v := range g.all {
		at := i - guard
		inside := g.Cols > 0 && at >= 0 && at/g.Stride < g.Rows && at%g.Stride < g.Cols
		if !inside && v != guardValue {
			t.Fatalf("value %d from the start of a %dx%d matrix was overwritten with %v", at, g.Rows, g.Cols, v)
		}
	}
}

// copyOf is a copy of m without gaps.
func copyOf(m Matrix) Matrix {
	c := NewMatrix(m.Rows, m.Cols)
	for i := range m.Rows {
		copy(c.Row(i), m.Row(i))
	}
	return c
}

// sameBits tells whether a and b are the same value, or both no number.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// requireSame fails unless got and want agree bit for bit.
func requireSame(t failer, what string, got, want Matrix) {
	t.Helper()
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if g := got.Row(i)[j]; !sameBits(g, w) {
				t.Fatalf("%s: element (%d, %d) of %dx%d is %v (%x), want %v (%x)", what, i, j, want.Rows, want.Cols,
					g, math.Float32bits(g), w, math.Float32bits(w))
			}
		}
	}
}

// mustPanic fails unless f panics.
func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	f()
}
