package worker

import (
	"encoding/json"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// What the history has of where the time of steps goes: those of the first worker, of about so many steps in equal distances,
// or fewer where one takes many bytes. At the beginning of a run they lie closer, which adds about twenty each time that a run
// has ten times as many steps.
const (
	mostFalls  = 64
	leastFalls = 8
	fallsBytes = 4 << 20 // of their JSON, which is packed
)

// fallsKept says what of waterfalls the history has.
type fallsKept struct {
	step uint64 // of the last; 0: none was
	size int    // bytes that it took
}

// wantsFall says whether to tell where the time of a step goes, of a run of so many.
func (c *chronicle) wantsFall(step, steps uint64) bool {
	if !c.saver.first.Load() {
		return false
	}
	k := &c.falls
	return k.step == 0 || step <= k.step || step-k.step >= fallGap(step, steps, k.size)
}

// fell writes where the time of a step went.
func (c *chronicle) fell(worker string, f *api.Waterfall) {
	text, err := json.Marshal(api.WaterfallOf(worker, f))
	if err != nil {
		return // it has whole numbers and times alone
	}
	c.falls = fallsKept{step: f.Step, size: len(text)}
	c.put(history.AppendWaterfall(nil, f.Step, text))
}

// fallGap is how many steps lie between two that are written, behind a step of a run of so many.
func fallGap(step, steps uint64, size int) uint64 {
	most := uint64(min(max(fallsBytes/max(size, 1), leastFalls), mostFalls))
	return max(1, min(step*leastFalls/most, steps/most))
}
