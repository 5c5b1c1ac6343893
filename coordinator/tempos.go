package coordinator

import (
	"slices"
	"time"
)

// tempos are the times between the last steps. Being an array it is copied with the state.
type tempos struct {
	last [16]time.Duration
	n    int // that are known
}

func (t *tempos) add(d time.Duration) {
	t.last[t.n%len(t.last)] = d
	t.n++
	if t.n == 2*len(t.last) {
		t.n = len(t.last)
	}
}

// usual is their median; 0 before the first.
func (t *tempos) usual() time.Duration {
	n := min(t.n, len(t.last))
	if n == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t.last[:n]))
	return sorted[n/2]
}
