package tensor

import "fmt"

// ConvPanels is the weights of a convolution packed for one direction. Packing again reuses the memory. The
// zero value is empty and ready to use.
type ConvPanels struct {
	conv     *Conv
	backward bool
	data     []float32
}

// Pack packs weights for Pool.Conv.
func (w *ConvPanels) Pack(pool *Pool, c *Conv, weights []float32) { w.pack(pool, c, weights, false) }

// PackBackward packs weights for Pool.ConvBackData.
func (w *ConvPanels) PackBackward(pool *Pool, c *Conv, weights []float32) {
	w.pack(pool, c, weights, true)
}

func (w *ConvPanels) pack(_ *Pool, c *Conv, weights []float32, backward bool) {
	if len(weights) != c.Weights() {
		panic(fmt.Sprintf("tensor: ConvPanels: %d weights for a convolution of %d", len(weights), c.Weights()))
	}
	w.conv, w.backward = c, backward
	w.data = append(w.data[:0], weights...)
}
