package kernel

// Stencil is weighted sums of neighbours in a row of pixels: output o is the sum of Count[o] of Weights, which follow one
// another, times the pixels from First[o] on. No count is zero. Assembly reads the fields by the offsets in go_asm.h.
type Stencil struct {
	First, Count []int
	Weights      []float32
}
