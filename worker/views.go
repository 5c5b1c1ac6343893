package worker

import (
	"context"
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// views holds the newest view that the coordinator has told of. Older ones do not
// count: a worker that was slow goes straight to the newest.
type views struct {
	mu    sync.Mutex
	last  *api.View     // that was told of; nil: none
	next  *api.View     // not taken yet; nil: none
	came  chan struct{} // holds a token when next was set
	leave func()        // ends the place at hand
}

func newViews() *views { return &views{came: make(chan struct{}, 1)} }

// knows says that a view was told before. A coordinator tells it again to a worker that comes to it and has not entered the view yet,
// but may have it, and may be in that ring by now.
func (b *views) knows(v *api.View) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil && b.last.RunId == v.RunId && b.last.Generation >= v.Generation
}

// put takes a view from the coordinator, which ends the place at hand.
func (b *views) put(v *api.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last, b.next = v, v
	if b.leave != nil {
		b.leave()
		b.leave = nil
	}
	select {
	case b.came <- struct{}{}:
	default:
	}
}

// await returns the newest view once there is one that was not taken.
func (b *views) await(life context.Context) (*api.View, error) {
	for {
		b.mu.Lock()
		v := b.next
		b.next = nil
		b.mu.Unlock()
		if v != nil {
			return v, nil
		}
		select {
		case <-b.came:
		case <-life.Done():
			return nil, context.Cause(life)
		}
	}
}

// part ends the place at hand, which the others have left.
func (b *views) part() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leave != nil {
		b.leave()
		b.leave = nil
	}
}

// attend has leave called when a newer view comes; false says that it has come already.
func (b *views) attend(leave func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		return false
	}
	b.leave = leave
	return true
}
