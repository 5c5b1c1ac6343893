package allreduce

import (
	"sync"
	"sync/atomic"
)

// home is the fold of a worker that owns all lanes: no frame, the same
// additions. The engine folds segment after segment beside the backward pass;
// once its caller has nothing else to do than wait, the caller folds too.
// Which of them folds a segment does not show in its bits.
type home struct {
	segments int // of every chunk; the last may be empty
	total    int // segments of all chunks, or 0 with neighbours
	next     atomic.Int64
	folding  sync.RWMutex // held for reading while the caller folds
}

func (h *home) reset(r *Reduction) {
	h.segments, h.total = 0, 0
	h.next.Store(0)
	if r.view.Workers() > 1 {
		return
	}
	longest := 0
	for c := range r.view.Lanes {
		a, b := r.chunk(c)
		longest = max(longest, b-a)
	}
	h.segments = (longest + r.segment - 1) / r.segment
	h.total = h.segments * r.view.Lanes
}

// fold folds a segment, and says whether to call it again. When it says no, all
// are folded.
func (h *home) fold(r *Reduction) bool {
	if h.one(r) {
		return true
	}
	h.folding.Lock() // waits for the caller, who may still be at one
	defer h.folding.Unlock()
	return false
}

// help folds what is left.
func (h *home) help(r *Reduction) {
	if h.total == 0 {
		return
	}
	h.folding.RLock()
	defer h.folding.RUnlock()
	for h.one(r) {
	}
}

// one folds the next segment, if there is one.
func (h *home) one(r *Reduction) bool {
	i := int(h.next.Add(1)) - 1
	if i >= h.total {
		return false
	}
	c := i / h.segments
	a, b := r.extent(c, i%h.segments)
	if a < b {
		r.folder.home(r.out[a:b], r.lanes[c][a:b], r.lanes[c+1:], r.lanes[:c], a)
	}
	return true
}
