package allreduce

import (
	"sync"
	"time"
)

// sendQueue holds the frames on their way to the sender. It has no bound of its
// own: a bucket puts at most twice its size into it.
type sendQueue struct {
	mu      sync.Mutex
	changed sync.Cond
	frames  []Frame
	first   int           // frames[first:] are to be sent
	last    bool          // nothing is pushed any more
	drained chan struct{} // closed by the sender at its end
}

func (q *sendQueue) init() { q.changed.L, q.drained = &q.mu, make(chan struct{}) }

func (q *sendQueue) push(frames []Frame) {
	if len(frames) == 0 {
		return
	}
	q.mu.Lock()
	if !q.last {
		if q.first > 0 && len(q.frames)+len(frames) > cap(q.frames) {
			n := copy(q.frames, q.frames[q.first:])
			clear(q.frames[n:])
			q.frames, q.first = q.frames[:n], 0
		}
		q.frames = append(q.frames, frames...)
	}
	q.mu.Unlock()
	q.changed.Signal()
}

// pop blocks until there is a frame, and says so; false means that none will come.
func (q *sendQueue) pop(f *Frame) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.first == len(q.frames) && !q.last {
		q.changed.Wait()
	}
	if q.first == len(q.frames) {
		return false
	}
	*f = q.frames[q.first]
	q.frames[q.first] = Frame{}
	q.first++
	f.More = q.first < len(q.frames)
	if !f.More {
		q.frames, q.first = q.frames[:0], 0
	}
	return true
}

// finish lets pop return what is queued, one last frame, and then false.
func (q *sendQueue) finish(last Frame) {
	q.mu.Lock()
	q.frames, q.last = append(q.frames, last), true
	q.mu.Unlock()
	q.changed.Broadcast()
}

// abandon drops what is queued for one last frame.
func (q *sendQueue) abandon(last Frame) {
	q.mu.Lock()
	q.frames, q.first, q.last = append(q.frames[:0], last), 0, true
	q.mu.Unlock()
	q.changed.Broadcast()
}

// size is the number of frames that wait.
func (q *sendQueue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.frames) - q.first
}

// read brings frames from the previous worker to the engine.
func (g *Group) read() {
	var f Frame
	for {
		err := g.prev.Recv(&f)
		if err == nil {
			g.framesReceived.Add(1)
			g.bytesReceived.Add(frameSize(&f))
		}
		last := f.Kind == KindLeave || f.Kind == KindAbort
		if !g.engine.hand(&f, err) || last {
			return
		}
	}
}

// write sends the queue to the next worker.
func (g *Group) write() {
	defer close(g.queue.drained)
	var f Frame
	for g.queue.pop(&f) {
		err := g.next.Send(&f)
		size := frameSize(&f)
		f.Release()
		if g.nextLeft.Load() {
			continue // it has all that it needs
		}
		if err != nil {
			g.writeFailed(err)
			return
		}
		g.framesSent.Add(1)
		g.bytesSent.Add(size)
	}
}

// writeFailed gives the watcher, who may have read the reason, the first word.
func (g *Group) writeFailed(err error) {
	timer := time.NewTimer(farewell)
	defer timer.Stop()
	select {
	case <-g.watched:
	case <-g.dead:
	case <-timer.C:
	}
	g.fail(g.nextError("write", err))
}

// watch waits for news of the next worker, which sends nothing before it
// leaves: the end of its process is known here at once, not at the next send.
func (g *Group) watch() {
	defer close(g.watched)
	var f Frame
	err := g.next.Recv(&f)
	switch {
	case err != nil:
	case f.Kind == KindLeave && f.Generation == g.view.Generation:
		g.nextLeft.Store(true)
		return
	case f.Kind == KindAbort && f.Generation == g.view.Generation:
		err = abortOf(&f)
	default:
		err = fieldError("kind", "%v against the ring's direction", f.Kind)
	}
	g.fail(g.nextError("watch", err))
}
