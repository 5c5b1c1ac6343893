package nn

import "testing"

// allocations is what a call of step allocates: the least of three counts. The runtime counts the allocations of all
// goroutines, and those of the garbage collector, or of another test's goroutine that ends late, come once; those of
// step come in each count.
func allocations(runs int, step func()) float64 {
	least := testing.AllocsPerRun(runs, step)
	for tries := 0; least > 0 && tries < 2; tries++ {
		least = min(least, testing.AllocsPerRun(runs, step))
	}
	return least
}

// A function that allocates in every call is not taken for one that does not.
func TestAllocations(t *testing.T) {
	var kept *int
	if n := allocations(5, func() { kept = new(int) }); n < 1 {
		t.Errorf("%v allocations, want 1 (%p)", n, kept)
	}
	calls := 0
	if n := allocations(5, func() {
		if calls++; calls <= 6 {
			kept = new(int)
		}
	}); n != 0 {
		t.Errorf("%v allocations by one that allocates in its first calls, want none", n)
	}
}
