package cmd

import (
	"runtime"
	"testing"
)

// A worker that computes on every core still has a processor for the ring.
func TestComputeOn(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, threads := range []int{1, before, before + 1} {
		runtime.GOMAXPROCS(before)
		if computeOn(threads); runtime.GOMAXPROCS(0) != threads+1 {
			t.Errorf("%d threads of %d processors: %d processors, want %d", threads, before, runtime.GOMAXPROCS(0), threads+1)
		}
	}
}
