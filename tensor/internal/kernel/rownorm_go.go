//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorRowMoments(*[2][rowChains]float64, []float32) int                 { return 0 }
func vectorRowNorm(_, _, _, _ []float32, _, _ float32) int                   { return 0 }
func vectorRowNormBack(_, _, _, _ []float32, _, _, _, _ float32, _ bool) int { return 0 }
func vectorRowNormSums(_ *[2][rowChains]float32, _, _, _, _, _ []float32, _, _ float32) int {
	return 0
}

func vectorWholeRowMoments([]float32) (sum, squares float64, ok bool) { return 0, 0, false }

func vectorWholeRowNormSums(_, _, _, _, _ []float32, _, _ float32) (sum, product float64, ok bool) {
	return 0, 0, false
}
