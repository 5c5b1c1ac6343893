//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorAdd(_, _, _ []float32) int                     { return 0 }
func vectorTwice(_, _ []float32) int                      { return 0 }
func vectorMul(_, _, _ []float32) int                     { return 0 }
func vectorScale(_, _ []float32, _ float32) int           { return 0 }
func vectorAxpy(_ []float32, _ float32, _ []float32) int  { return 0 }
func Fetch(_ []float32)                                   {}
func PackRowVectors(_, _ []float32, _, _ int) int         { return 0 }
func vectorDot(_ *[dotChains]float64, _, _ []float32) int { return 0 }
func vectorWeigh(_, _ []float32, _ int, _ []float32) int  { return 0 }
func vectorSums(_ *[dotChains]float64, _ []float32) int   { return 0 }
func vectorFourSums(_ *[4][4]float64, _ []float32) int    { return 0 }
func vectorSum(_ *[4]float64, _ []float32) int            { return 0 }
func vectorMaximum(x []float32) (top float32, n int)      { return x[0], 1 }
func vectorSubtract(_, _ []float32, _ float32) int        { return 0 }
func vectorSoftmaxBack(_, _, _ []float32, _ float32) int  { return 0 }
func PackNine(_, _ []float32, _, _, _, _ int) bool        { return false }
func vectorPackColumn(_, _ []float32, _, _, _ int) int    { return 0 }
func vectorColumnSums(_, _ []float32, _, _ int) int       { return 0 }
