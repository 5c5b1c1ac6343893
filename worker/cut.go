package worker

import (
	"context"
	"sync"

	"github.com/rondo-ml/rondo/allreduce"
)

// cutter closes the connection to the next worker in the ring, for trials of failures. The worker finds out
// like by a cable that was pulled: the step under way ends with an error of the ring.
type cutter struct {
	mu   sync.Mutex
	next allreduce.Link // of the place at hand; nil: none
}

// guard names the connection to cut.
func (c *cutter) guard(next allreduce.Link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = next
}

// cut closes it, once.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil {
		c.next.Close()
		c.next = nil
	}
}

// obeyCuts cuts whenever Config.Cuts says so, until ctx ends.
func (w *worker) obeyCuts(ctx context.Context) {
	for {
		select {
		case <-w.cfg.Cuts:
			w.cfg.Log.Warn("cuts its connection to the next worker, as it was asked to")
			w.cutter.cut()
		case <-ctx.Done():
			return
		}
	}
}
