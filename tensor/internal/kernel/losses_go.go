//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorHuberTerms(_ []float64, _, _, _ []float32, _, _ float64) int { return 0 }
func vectorLogisticTerms(_, _ []float64, _, _, _ []float32, _ float64) int {
	return 0
}
func vectorSquaredRows(_ []float64, _, _, _ []float32, _ float32) int { return 0 }
func vectorSumRows(_, _ []float64) (rows, cols int)                   { return 0, 0 }
func vectorLogs(_, _ []float64) int                                   { return 0 }
