package tensor

import "testing"

// Every run adds 256 products of 0.5 and 0.25 to each element.
func TestTileInCache(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, nr := active.shape()
		run, flops := TileInCache()
		if want := 2 * mr * nr * 256; flops != want {
			t.Errorf("%d operations, want %d", flops, want)
		}
		if n := testing.AllocsPerRun(3, run); n != 0 {
			t.Errorf("%v allocations a run", n)
		}
	})
}
