package tensor

import (
	"fmt"
	"testing"
)

func TestTranspose(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{seed: 34}
		for range 300 {
			rows, cols := s.below(20), s.below(30)
			a := newGuarded(&s, rows, cols, cols+s.below(4))
			b := newGuarded(&s, cols, rows, rows+s.below(4))
			Transpose(b.Matrix, a.Matrix)
			requireSame(t, fmt.Sprintf("%dx%d", rows, cols), b.Matrix, transpose(a.Matrix))
			b.intact(t)
		}
	})
	mustPanic(t, "a shape that is not the transpose's", func() { Transpose(NewMatrix(2, 3), NewMatrix(2, 3)) })
}
