package cmd

import (
	"runtime"
	"testing"
)

// A worker that computes on every core has a processor for the ring, if there is one.
func TestComputeOn(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, c := range []struct{ threads, workers, want int }{
		{before, 1, before}, {before, 2, before + 1}, {before + 1, 3, before + 2}, {before - 1, 1, before}, {before - 1, 2, before},
	} {
		runtime.GOMAXPROCS(before)
		if computeOn(c.threads, c.workers); runtime.GOMAXPROCS(0) != c.want {
			t.Errorf("%d threads of %d processors, %d workers: %d processors, want %d", c.threads, before, c.workers, runtime.GOMAXPROCS(0), c.want)
		}
	}
}
