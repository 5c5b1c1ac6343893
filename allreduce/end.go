package allreduce

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// farewell bounds the time that a group that fails takes to tell its neighbours why.
const farewell = 250 * time.Millisecond

// errGone is a stream that ended without a word: a process that ended or was killed.
var errGone = errors.New("the connection ended without notice")

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

// abortOf is the error that an abort frame tells of.
func abortOf(f *Frame) error {
	return &AbortError{Worker: int(f.Chunk), Reason: printable(string(f.Payload))}
}

// abort is the frame that tells the neighbours why this worker gives up. What
// another worker began is handed on in its name.
func (g *Group) abort(err error) Frame {
	f := Frame{Kind: KindAbort, Generation: g.view.Generation, Chunk: uint32(g.self)}
	reason := err.Error()
	if a := (*AbortError)(nil); errors.As(err, &a) {
		f.Chunk, reason = uint32(a.Worker), a.Reason
	}
	f.Payload = []byte(reason[:min(len(reason), maxReason)])
	return f
}

// fail kills the group for the first reason given. It may be called from the
// group's own goroutines and from Close alone.
func (g *Group) fail(err error) {
	g.mu.Lock()
	dying := g.err != nil
	if !dying {
		g.err = err
		close(g.dead)
	}
	g.mu.Unlock()
	if dying || g.next == nil {
		return
	}
	last := g.abort(err)
	g.queue.abandon(last)
	g.wg.Go(func() { g.part(last, farewell) })
}

// part sends a last frame both ways, to the next worker through the queue that
// holds it already, and closes the links when that is done or time is up.
func (g *Group) part(last Frame, limit time.Duration) {
	told := make(chan struct{})
	g.wg.Go(func() {
		defer close(told)
		_ = g.prev.Send(&last) // a worker that is gone needs no farewell
		<-g.queue.drained
	})
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
	g.next.Close()
	g.prev.Close()
}

// Close leaves the ring. With nothing under way it first hands on what the
// other workers still need, for at most the time of [WithLinger]; otherwise
// calls that wait return ErrClosed at once, and the neighbours an error.
// It returns when all goroutines have ended.
func (g *Group) Close() error {
	g.mu.Lock()
	orderly := !g.closed && g.err == nil && len(g.busy) == 0
	g.closed = true
	if orderly {
		g.err = ErrClosed
	}
	g.mu.Unlock()
	if orderly {
		if g.next != nil {
			bye := Frame{Kind: KindLeave, Generation: g.view.Generation}
			g.queue.finish(bye)
			g.part(bye, g.options.linger)
		}
		close(g.dead)
	} else {
		g.fail(fmt.Errorf("%w with collectives under way", ErrClosed))
	}
	g.wg.Wait()
	return nil
}
