package kernel_test

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// Every run adds 256 products of 0.5 and 0.25 to each element.
func TestTileInCache(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		mr, nr := kernel.Active.Shape()
		run, flops := kernel.TileInCache()
		if want := 2 * mr * nr * 256; flops != want {
			t.Errorf("%d operations, want %d", flops, want)
		}
		if n := testing.AllocsPerRun(3, run); n != 0 {
			t.Errorf("%v allocations a run", n)
		}
	})
}
