package tensor

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

type (
	failer = kerneltest.Failer
	source = kerneltest.Source
)

// eachTier runs f once for every exact tier of this machine, with that tier in use.
func eachTier(t *testing.T, f func(t *testing.T)) { t.Helper(); kerneltest.EachTier(t, f) }

// random fills a matrix with reproducible values in [-0.5, 0.5).
func random(m Matrix, seed uint32) Matrix {
	(&source{Seed: seed}).Fill(m.Data)
	return m
}

// guarded is a matrix in the middle of guard words, with a stride of its own.
type guarded struct {
	Matrix
	guards kerneltest.Guarded
}

func newGuarded(s *source, rows, cols, stride int) guarded {
	g := kerneltest.NewGuarded(s, rows, cols, stride)
	return guarded{Matrix(g.Grid), g}
}

// all is the matrix and its guard words.
func (g guarded) all() []float32 { return g.guards.All }

// intact fails unless everything that is no element of the matrix still has its guard value.
func (g guarded) intact(t failer) { t.Helper(); g.guards.Intact(t) }

// copyOf is a copy of m without gaps.
func copyOf(m Matrix) Matrix { return Matrix(kerneltest.Grid(m).Copy()) }

// requireSame fails unless got and want agree bit for bit.
func requireSame(t failer, what string, got, want Matrix) {
	t.Helper()
	kerneltest.RequireSame(t, what, kerneltest.Grid(got), kerneltest.Grid(want))
}
