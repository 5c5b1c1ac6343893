package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func TestTranspose(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 34}
		for range 300 {
			rows, cols := s.Below(20), s.Below(30)
			a := newGuarded(&s, rows, cols, cols+s.Below(4))
			b := newGuarded(&s, cols, rows, rows+s.Below(4))
			Transpose(b.Matrix, a.Matrix)
			requireSame(t, fmt.Sprintf("%dx%d", rows, cols), b.Matrix, transpose(a.Matrix))
			b.intact(t)
		}
	})
	kerneltest.MustPanic(t, "a shape that is not the transpose's", func() { Transpose(NewMatrix(2, 3), NewMatrix(2, 3)) })
}
