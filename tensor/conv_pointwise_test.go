package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// pointwiseShapes have one tap, and channels that are read in place or packed.
func pointwiseShapes() (shapes []ConvShape) {
	for _, channels := range [][2]int{{16, 40}, {24, 17}, {24, 144}, {40, 32}, {33, 8}, {23, 24}, {8, 20}, {64, 64}, {5, 5}, {7, 8}} {
		shapes = append(shapes, square(5, channels[0], channels[1], 1, 1, 1))
	}
	return shapes
}

// The gradient of the weights of one tap is that of a product in either precision, read in place or packed, with that of
// a bias or without.
func TestPointwiseWeightsAreAProduct(t *testing.T) {
	for _, precision := range []Precision{Float32, BF16} {
		p := NewPool(2)
		p.SetPrecision(precision)
		defer p.Close()
		eachTier(t, func(t *testing.T) {
			for i, shape := range kerneltest.Some(pointwiseShapes()) {
				c, x, dy, w := newConvTest(t, shape, 20, uint32(i))
				got, want := Of(w, c.Cout, c.Cin), copyOf(Of(w, c.Cout, c.Cin))
				what := fmt.Sprintf("%v to %v channels in precision %v", c.Cin, c.Cout, precision)
				p.ConvBackWeights(got.Data, c, x, dy)
				p.MatMulTransAdd(want, AllRows(dy), AllRows(x))
				requireSame(t, what, got, want)
				p.ConvBackWeightsSet(got.Data, c, x, dy)
				p.MatMulTrans(want, AllRows(dy), AllRows(x))
				requireSame(t, "set, "+what, got, want)
				bias, sums := NewMatrix(1, c.Cout), NewMatrix(1, c.Cout)
				p.ConvBackWeightsBias(got.Data, bias.Data, c, x, dy)
				p.ColumnSumAdd(sums.Data, AllRows(dy))
				requireSame(t, "with a bias, "+what, got, want)
				requireSame(t, "a bias, "+what, bias, sums)
			}
		})
	}
}
