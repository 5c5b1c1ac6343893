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
func (t *tempos) usual() time.Duration { return median(t.last[:min(t.n, len(t.last))]) }

// spread is how far they lie from it, as a rule: the median of that.
func (t *tempos) spread() time.Duration {
	away := t.last
	n := min(t.n, len(away))
	usual := t.usual()
	for i := range away[:n] {
		away[i] = (away[i] - usual).Abs()
	}
	return median(away[:n])
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(list))[len(list)/2]
}
