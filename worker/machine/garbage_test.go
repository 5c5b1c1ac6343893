package machine

import "testing"

// A small heap may double, a large one grow by 32 MiB, the largest by a twenty-fifth.
func TestGarbagePercent(t *testing.T) {
	for heap, want := range map[int64]int{0: 100, 1 << 20: 100, 32 << 20: 100, 64 << 20: 50, 320 << 20: 10, 800 << 20: 4, 100 << 30: 4} {
		if got := garbagePercent(heap); got != want {
			t.Errorf("%d MiB: %d %%, want %d", heap>>20, got, want)
		}
	}
}
