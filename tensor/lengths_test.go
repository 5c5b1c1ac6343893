package tensor

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// Functions of several slices panic unless each of these is as long as it has to be, whichever of them is not.
func TestLengthsMustFit(t *testing.T) {
	for name, f := range map[string]struct {
		slices int
		call   func(x [][]float32)
	}{
		"Add":            {3, func(x [][]float32) { Add(x[0], x[1], x[2]) }},
		"Twice":          {2, func(x [][]float32) { Twice(x[0], x[1]) }},
		"Mul":            {3, func(x [][]float32) { Mul(x[0], x[1], x[2]) }},
		"Scale":          {2, func(x [][]float32) { Scale(x[0], x[1], 2) }},
		"Axpy":           {2, func(x [][]float32) { Axpy(x[0], 2, x[1]) }},
		"Exp":            {2, func(x [][]float32) { Exp(x[0], x[1]) }},
		"Sigmoid":        {2, func(x [][]float32) { Sigmoid(x[0], x[1]) }},
		"SigmoidBack":    {3, func(x [][]float32) { SigmoidBack(x[0], x[1], x[2]) }},
		"Tanh":           {2, func(x [][]float32) { Tanh(x[0], x[1]) }},
		"TanhBack":       {3, func(x [][]float32) { TanhBack(x[0], x[1], x[2]) }},
		"TanhSlope":      {2, func(x [][]float32) { TanhSlope(x[0], x[1]) }},
		"Erf":            {2, func(x [][]float32) { Erf(x[0], x[1]) }},
		"GELU":           {2, func(x [][]float32) { GELU(x[0], x[1]) }},
		"GELUBack":       {3, func(x [][]float32) { GELUBack(x[0], x[1], x[2]) }},
		"SiLU":           {2, func(x [][]float32) { SiLU(x[0], x[1]) }},
		"SiLUBack":       {3, func(x [][]float32) { SiLUBack(x[0], x[1], x[2]) }},
		"Rectify":        {2, func(x [][]float32) { Rectify(x[0], x[1], ReLU) }},
		"RectifyBack":    {3, func(x [][]float32) { RectifyBack(x[0], x[1], x[2], ReLU) }},
		"SoftmaxRow":     {2, func(x [][]float32) { SoftmaxRow(x[0], x[1]) }},
		"SoftmaxBackRow": {3, func(x [][]float32) { SoftmaxBackRow(x[0], x[1], x[2]) }},
		"SubtractFrom":   {2, func(x [][]float32) { SubtractFrom(x[0], x[1], 2) }},
		"Dot":            {2, func(x [][]float32) { Dot(x[0], x[1]) }},
		"AddMul":         {3, func(x [][]float32) { AddMul(x[0], x[1], x[2]) }},
		"Mix":            {4, func(x [][]float32) { Mix(x[0], x[1], x[2], x[3]) }},
		"SumOfProducts":  {5, func(x [][]float32) { SumOfProducts(x[0], x[1], x[2], x[3], x[4]) }},
		"LSTMBack":       {8, func(x [][]float32) { LSTMBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) }},
		"PeepholeBack": {11, func(x [][]float32) {
			PeepholeBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10])
		}},
		"GRUBack":   {8, func(x [][]float32) { GRUBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) }},
		"MixBack":   {4, func(x [][]float32) { MixBack(x[0], x[1], x[2], x[3]) }},
		"ResetBack": {4, func(x [][]float32) { ResetBack(x[0], x[1], x[2], x[3]) }},
		"SGDStep":   {3, func(x [][]float32) { SGDStep(x[0], x[1], x[2], 1, 0.9, 0) }},
		"AdamStep":  {4, func(x [][]float32) { AdamStep(x[0], x[1], x[2], x[3], AdamCoeffs{}) }},
	} {
		x := make([][]float32, f.slices)
		for i := range x {
			x[i] = make([]float32, 9)
		}
		f.call(x)
		for i := range x {
			for _, n := range []int{8, 10} {
				x[i] = make([]float32, n)
				kerneltest.MustPanic(t, name, func() { f.call(x) })
			}
			x[i] = make([]float32, 9)
		}
	}
	for _, n := range []int{8, 10} {
		kerneltest.MustPanic(t, "SquaredRows", func() { SquaredRows(make([]float64, 3), make([]float32, n), make([]float32, n), make([]float32, n), 1) })
		kerneltest.MustPanic(t, "SumRows", func() { SumRows(make([]float64, 3), make([]float64, n)) })
	}
	kerneltest.MustPanic(t, "SquaredRows", func() {
		SquaredRows(make([]float64, 3), make([]float32, 9), make([]float32, 9), make([]float32, 12), 1)
	})
	kerneltest.MustPanic(t, "SumRows", func() { SumRows(nil, make([]float64, 1)) })
	SGDStep(make([]float32, 3), nil, make([]float32, 3), 1, 0, 0) // without momentum there is no buffer
}
