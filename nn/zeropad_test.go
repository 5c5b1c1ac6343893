package nn

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Margins are zeros, those below zero cut off: torch.nn.functional.pad of the same.
func TestZeroPad2d(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	pool := tensor.NewPool(1)
	defer pool.Close()
	for _, c := range []struct {
		m    Margins
		want []float32 // of the first image
	}{
		{Margins{}, []float32{1, 2, 3, 4, 5, 6}},
		{Margins{1, 1, 0, 0}, []float32{0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6}},
		{Margins{-1, -1, 1, 1}, []float32{5, 6, 0, 0, 0, 0}},
		{Margins{Left: 4, Right: -4}, []float32{0, 0, 0, 0, 0, 0}},
		{Margins{Left: -3, Right: 1}, []float32{0, 0}},
	} {
		images := NewImages(shape, 2, 3, 1)
		for i := range images.Pixels {
			images.Pixels[i] = float32(i + 1)
		}
		tape := NewTape(NewParams(), pool, shape, Inference, 0)
		y := tape.ZeroPad2d("pad", tape.Images(images), c.m)
		tape.Keep(y)
		tape.Plan()
		tape.Forward()
		if got := y.Value().Data; !slices.Equal(got[:len(c.want)], c.want) || len(got) != 2*len(c.want) {
			t.Errorf("%+v: %v, want an image of %v", c.m, got, c.want)
		}
	}
}
