package kerneltest

import (
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Source is a stream of reproducible test values.
type Source struct {
	Seed  uint32
	n     uint32
	words [4]uint32
}

// Word is the next 32 random bits.
func (s *Source) Word() uint32 {
	if s.n%4 == 0 {
		s.words = kernel.Philox([2]uint32{s.Seed}, [4]uint32{s.n / 4})
	}
	s.n++
	return s.words[(s.n-1)%4]
}

// Below is an integer in [0, n).
func (s *Source) Below(n int) int { return int(uint64(s.Word()) * uint64(n) >> 32) }

// Fill sets every value of x to one in [-0.5, 0.5).
func (s *Source) Fill(x []float32) {
	for i := range x {
		x[i] = kernel.UniformOf(s.Word()) - 0.5
	}
}

// Random is n values of a stream of their own.
func Random(n int, seed uint32) []float32 {
	x := kernel.AlignedSlice(n)
	(&Source{Seed: seed}).Fill(x)
	return x
}

// Grid is the fields of a tensor.Matrix, which converts to it.
type Grid struct {
	Data   []float32
	Rows   int
	Cols   int
	Stride int
}

// GridOf is data as rows without gaps.
func GridOf(data []float32, rows, cols int) Grid { return Grid{data, rows, cols, cols} }

// Row is row i.
func (g Grid) Row(i int) []float32 { return g.Data[i*g.Stride:][:g.Cols:g.Cols] }

// Copy is a copy of g without gaps.
func (g Grid) Copy() Grid {
	c := GridOf(make([]float32, g.Rows*g.Cols), g.Rows, g.Cols)
	for i := range g.Rows {
		copy(c.Row(i), g.Row(i))
	}
	return c
}

// Guarded is a grid in the middle of guard words, which fill the gaps between its rows too.
type Guarded struct {
	Grid
	All []float32
}

// Guard is how many guard words lie on either side, and GuardValue is their value.
const (
	Guard      = 16
	GuardValue = float32(-12345.678)
)

// NewGuarded is a grid of values from s.
func NewGuarded(s *Source, rows, cols, stride int) Guarded {
	n := 0
	if rows > 0 {
		n = (rows-1)*stride + cols
	}
	g := Guarded{All: make([]float32, n+2*Guard)}
	kernel.Fill(g.All, GuardValue)
	g.Grid = Grid{Data: g.All[Guard : Guard+n : Guard+n], Rows: rows, Cols: cols, Stride: stride}
	for i := range rows {
		s.Fill(g.Row(i))
	}
	return g
}

// Intact fails unless everything that is no element of the grid still has its guard value.
func (g Guarded) Intact(t Failer) {
	t.Helper()
	for i, v := range g.All {
		at := i - Guard
		inside := g.Cols > 0 && at >= 0 && at/g.Stride < g.Rows && at%g.Stride < g.Cols
		if !inside && v != GuardValue {
			t.Fatalf("value %d from the start of a %dx%d matrix was overwritten with %v", at, g.Rows, g.Cols, v)
		}
	}
}

// SameBits tells whether a and b are the same value, or both no number.
func SameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// RequireSame fails unless got and want agree bit for bit.
func RequireSame(t Failer, what string, got, want Grid) {
	t.Helper()
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if g := got.Row(i)[j]; !SameBits(g, w) {
				t.Fatalf("%s: element (%d, %d) of %dx%d is %v (%x), want %v (%x)", what, i, j, want.Rows, want.Cols,
					g, math.Float32bits(g), w, math.Float32bits(w))
			}
		}
	}
}
