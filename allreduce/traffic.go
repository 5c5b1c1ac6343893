package allreduce

import (
	"errors"
	"io"
	"sync"
	"time"
)

// sendQueue holds the frames on their way to the sender. It has no bound of its
// own: a bucket puts at most twice its size into it.
type sendQueue struct {
	mu      sync.Mutex
	changed sync.Cond
	frames  []Frame
	first   int  // frames[first:] are to be sent
	last    bool // nothing is pushed any more
	closed  bool
	drained chan struct{} // closed by the sender at its end
}

func (q *sendQueue) init() { q.changed.L, q.drained = &q.mu, make(chan struct{}) }

func (q *sendQueue) push(frames []Frame) {
	if len(frames) == 0 {
		return
	}
	q.mu.Lock()
	q.frames = append(q.frames, frames...)
	q.mu.Unlock()
	q.changed.Signal()
}

// pop blocks until there is a frame, and says so; false means that none will come.
func (q *sendQueue) pop() (Frame, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.first == len(q.frames) && !q.closed && !q.last {
		q.changed.Wait()
	}
	if q.closed || q.first == len(q.frames) {
		return Frame{}, false
	}
	f := q.frames[q.first]
	q.frames[q.first] = Frame{}
	q.first++
	f.More = q.first < len(q.frames)
	if !f.More {
		q.frames, q.first = q.frames[:0], 0
	}
	return f, true
}

// finish lets pop return what is queued and then false.
func (q *sendQueue) finish() {
	q.mu.Lock()
	q.last = true
	q.mu.Unlock()
	q.changed.Broadcast()
}

func (q *sendQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.changed.Broadcast()
}

// read brings frames from the previous worker to the engine.
func (g *Group) read() {
	for {
		var f Frame
		if err := g.prev.Recv(&f); err != nil {
			g.fail(g.prevError("read", err))
			return
		}
		g.framesReceived.Add(1)
		g.bytesReceived.Add(frameSize(&f))
		leaving := f.Kind == KindLeave
		select {
		case g.inbox <- f:
		case <-g.dead:
			return
		}
		if leaving {
			return
		}
	}
}

// write sends the queue to the next worker.
func (g *Group) write() {
	defer close(g.queue.drained)
	for {
		f, ok := g.queue.pop()
		if !ok {
			return
		}
		err := g.next.Send(&f)
		size := frameSize(&f)
		f.Release()
		if g.nextLeft.Load() {
			continue // it has all that it needs
		}
		if err != nil {
			g.fail(g.nextError("write", err))
			return
		}
		g.framesSent.Add(1)
		g.bytesSent.Add(size)
	}
}

// watch waits for news of the next worker, which sends nothing before it
// leaves: the end of its process is known here at once, not at the next send.
func (g *Group) watch() {
	var f Frame
	err := g.next.Recv(&f)
	switch {
	case err != nil:
	case f.Kind == KindLeave && f.Generation == g.view.Generation:
		g.nextLeft.Store(true)
		return
	default:
		err = fieldError("kind", "%v against the ring's direction", f.Kind)
	}
	g.fail(g.nextError("watch", err))
}

func (g *Group) prevError(op string, err error) error {
	return peerError(g.view.Prev(g.self), g.prev.Peer(), op, plain(err))
}

func (g *Group) nextError(op string, err error) error {
	return peerError(g.view.Next(g.self), g.next.Peer(), op, plain(err))
}

// plain says what the end of a stream means.
func plain(err error) error {
	if err == io.EOF {
		return errGone
	}
	return err
}

// errGone is a stream that ended without a word: a process that ended or was killed.
var errGone = errors.New("the connection ended without notice")

// Close leaves the ring. With nothing under way it first hands on what the
// other workers still need, for at most the time of [WithLinger]; otherwise
// calls that wait return ErrClosed at once, and the neighbours see an error.
// It returns when all goroutines have ended.
func (g *Group) Close() error {
	g.mu.Lock()
	first := !g.closed
	g.closed = true
	orderly := first && g.err == nil && len(g.busy) == 0 && g.next != nil
	g.mu.Unlock()
	if orderly {
		g.leave()
	}
	g.fail(ErrClosed)
	g.wg.Wait()
	return nil
}

// leave sends what is queued and a farewell both ways.
func (g *Group) leave() {
	timer := time.AfterFunc(g.options.linger, func() { g.fail(ErrClosed) })
	defer timer.Stop()
	bye := Frame{Kind: KindLeave, Generation: g.view.Generation}
	sent := make(chan struct{})
	g.wg.Go(func() {
		defer close(sent)
		_ = g.prev.Send(&bye) // a previous worker that is gone needs no farewell
	})
	g.queue.push([]Frame{bye})
	g.queue.finish()
	select {
	case <-g.queue.drained:
	case <-g.dead:
	}
	<-sent
}
