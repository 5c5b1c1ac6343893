package allreduce

import (
	"slices"
	"sync"
)

// sendQueue holds the frames on their way to the next worker. Who puts some in
// sends them as far as the connection takes them without waiting, unless another
// does so already. The sender, whose waking costs more than the call, gets what
// is left. The queue has no bound of its own: a bucket puts at most twice its
// size into it.
type sendQueue struct {
	mu      sync.Mutex
	changed sync.Cond // for the sender
	frames  []Frame
	first   int           // frames[first:] are to be sent
	urgent  int           // so many of them are of gathers, and first
	current Frame         // taken out; it belongs to whoever sends
	busy    bool          // somebody sends
	left    bool          // current was begun and left to the sender
	last    bool          // nothing is pushed any more
	drained chan struct{} // closed by the sender at its end
}

func (q *sendQueue) init() { q.changed.L, q.drained = &q.mu, make(chan struct{}) }

// push queues frames, which the caller sends then. Those of gathers, which are
// short and waited for, go before buckets'. That changes no order that counts: who
// sends a gather that a step ends with has sent all else of the step, as the others
// have answered it.
func (q *sendQueue) push(frames []Frame) {
	if len(frames) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last {
		return
	}
	if q.first > 0 && len(q.frames)+len(frames) > cap(q.frames) {
		n := copy(q.frames, q.frames[q.first:])
		clear(q.frames[n:])
		q.frames, q.first = q.frames[:n], 0
	}
	for _, f := range frames {
		if f.Kind != KindGather {
			q.frames = append(q.frames, f)
			continue
		}
		q.frames = slices.Insert(q.frames, q.first+q.urgent, f)
		q.urgent++
	}
}

// begin makes the caller the one who sends and returns the first frame. nil
// means that there is none, or that another sends.
func (q *sendQueue) begin() *Frame {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy || q.left {
		return nil
	}
	return q.take()
}

// next returns the next frame to the one who sends. With nil that is over.
func (q *sendQueue) next() *Frame {
	q.mu.Lock()
	defer q.mu.Unlock()
	f := q.take()
	if f == nil && q.last {
		q.changed.Signal()
	}
	return f
}

// leave leaves the current frame to the sender, and with it all that follow.
func (q *sendQueue) leave() {
	q.mu.Lock()
	q.busy, q.left = false, true
	q.mu.Unlock()
	q.changed.Signal()
}

// wake lets the sender send what is queued.
func (q *sendQueue) wake() { q.changed.Signal() }

// await blocks until there is a frame for the sender; nil means that none will come.
func (q *sendQueue) await() *Frame {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.wait()
}

// nextOrAwait is await for the sender when it has sent one.
func (q *sendQueue) nextOrAwait() *Frame {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = false
	return q.wait()
}

func (q *sendQueue) wait() *Frame {
	for q.busy || q.first == len(q.frames) && !q.left && !q.last {
		q.changed.Wait()
	}
	if q.left {
		q.left, q.busy = false, true
		return &q.current
	}
	return q.take()
}

// take makes the caller busy with the first frame.
func (q *sendQueue) take() *Frame {
	if q.busy = q.first < len(q.frames); !q.busy {
		return nil
	}
	q.current = q.frames[q.first]
	q.frames[q.first] = Frame{}
	q.first++
	q.urgent = max(0, q.urgent-1)
	q.current.More = q.first < len(q.frames)
	if !q.current.More {
		q.frames, q.first = q.frames[:0], 0
	}
	return &q.current
}

// finish lets what is queued be sent, and then one last frame.
func (q *sendQueue) finish(last Frame) {
	q.mu.Lock()
	q.frames, q.last = append(q.frames, last), true
	q.mu.Unlock()
	q.changed.Signal()
}

// abandon drops what is queued for one last frame.
func (q *sendQueue) abandon(last Frame) {
	q.mu.Lock()
	q.frames, q.first, q.urgent, q.last = append(q.frames[:0], last), 0, 0, true
	q.mu.Unlock()
	q.changed.Signal()
}

// size is the number of frames that wait.
func (q *sendQueue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.frames) - q.first
	if q.left || q.busy {
		n++
	}
	return n
}
