package nn

import "github.com/rondo-ml/rondo/tensor"

// elementGrain is the least number of elements worth a goroutine.
const elementGrain = 4096

// rowGrain is the least number of rows worth a goroutine.
func rowGrain(cols int) int { return max(1, elementGrain/cols) }

// runs calls f for rows that lie together in all of three matrices, or for one row
// after another.
func runs(f func(a, b, c []float32), a, b, c tensor.Matrix) {
	if a.Stride == a.Cols && b.Stride == b.Cols && c.Stride == c.Cols {
		f(a.Data, b.Data, c.Data)
		return
	}
	for r := range a.Rows {
		f(a.Row(r), b.Row(r), c.Row(r))
	}
}
