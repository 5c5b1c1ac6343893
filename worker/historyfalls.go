package worker

import (
	"encoding/json"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// What the history has of where the time of steps goes: those of all workers, of about so many steps in equal distances, or fewer
// where one takes many bytes. At the beginning of a run they lie closer, which adds about twenty each time that a run has ten times
// as many steps. So that leastFalls fit, a worker of many tells of fewer buckets; of more than api.MaxFallWorkers the first tell.
const (
	mostFalls  = 64
	leastFalls = 8
	fallsBytes = 4 << 20 // of their JSON, which is packed
	spanBytes  = 96      // of a span of it, about
	partSpans  = 12      // of what is no bucket, about
)

// mostSpans is of how many spans each of so many workers tells at most.
func mostSpans(workers int) int {
	return fallsBytes / leastFalls / spanBytes / min(workers, api.MaxFallWorkers)
}

// fallSize is about how many bytes the waterfalls of a step take, of a network with so many parts of buckets.
func fallSize(parts, workers int) int {
	return min(min(parts, maxWays)+partSpans, mostSpans(workers)) * spanBytes * min(workers, api.MaxFallWorkers)
}

// fallsKept are the steps of which the history has waterfalls: one that has passed, and the next.
type fallsKept struct {
	size       int // of those of a step
	last, next uint64
}

// wantsFall says whether the history has where the time of a step goes, of a run of so many, where a step takes size bytes. It is the
// same on all workers of a view, as it follows from these numbers alone.
func (c *chronicle) wantsFall(step, steps uint64, size int) bool {
	k := &c.falls
	if k.size != size || step <= k.last {
		*k = fallsKept{size: size, next: 1}
	}
	for k.next < step {
		k.last, k.next = k.next, k.next+fallGap(k.next, steps, size)
	}
	return step == k.next
}

// fell writes where the time of a step went on a worker.
func (c *chronicle) fell(worker string, f *api.Waterfall) {
	text, err := json.Marshal(api.WaterfallOf(worker, f))
	if err != nil {
		return // it has whole numbers and times alone
	}
	c.put(history.AppendWaterfall(nil, f.GetStep(), text))
}

// recorded takes another worker's, which the coordinator passes on. No worker is more than a step ahead of this one, so what is of a
// later step was before the run went back. Where the disk does not keep up, points come first.
func (c *chronicle) recorded(f *api.Waterfall) {
	c.mu.Lock()
	takes := f.GetStep() <= c.at+1 && len(c.frames) < maxUnwritten/2
	c.mu.Unlock()
	if takes && c.saver.first.Load() {
		c.fell(f.GetWorker(), f)
	}
}

// fallGap is how many steps lie between two of which waterfalls are written, behind a step of a run of so many.
func fallGap(step, steps uint64, size int) uint64 {
	most := uint64(min(max(fallsBytes/max(size, 1), leastFalls), mostFalls))
	return max(1, min(step*leastFalls/most, steps/most))
}
