//go:build (!amd64 && !arm64) || purego

package kernel

// What both amd64 and arm64 have in assembly; the rest is in vector_go.go.

func vectorExp(_, _ []float32) int                               { return 0 }
func vectorSigmoid(_, _ []float32) int                           { return 0 }
func vectorTanh(_, _ []float32) int                              { return 0 }
func vectorPackRows(_, _ []float32, _, _, _, _ int) int          { return 0 }
func vectorSGD(_, _ []float32, _ []float32, _, _, _ float32) int { return 0 }
func vectorAdam(_, _, _, _ []float32, _ *AdamCoeffs) int         { return 0 }
func vectorAddMul(_, _, _ []float32) int                         { return 0 }
func vectorMix(_, _, _, _ []float32) int                         { return 0 }
func vectorSumOfProducts(_, _, _, _, _ []float32) int            { return 0 }
func vectorLSTMBack(_, _, _, _, _, _, _, _ []float32) int        { return 0 }
func vectorGRUBack(_, _, _, _, _, _, _, _ []float32) int         { return 0 }
