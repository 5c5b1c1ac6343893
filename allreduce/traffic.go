package allreduce

import "time"

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

// send sends what is queued, as far as the connection takes it without waiting.
func (g *Group) send() {
	if g.trier == nil {
		g.queue.wake()
		return
	}
	for f := g.queue.begin(); f != nil; f = g.queue.next() {
		if !g.trier.trySend(f) {
			g.queue.leave()
			return
		}
		g.sent(f)
	}
}

// sent counts a frame that is on its way, and gives its memory back.
func (g *Group) sent(f *Frame) {
	g.framesSent.Add(1)
	g.bytesSent.Add(frameSize(f))
	f.Release()
}

// write is the sender: it sends what has to wait for the connection.
func (g *Group) write() {
	defer close(g.queue.drained)
	for f := g.queue.await(); f != nil; f = g.queue.nextOrAwait() {
		err := g.next.Send(f)
		switch {
		case g.nextLeft.Load():
			f.Release() // it has all that it needs
		case err != nil:
			f.Release()
			g.writeFailed(err)
			return
		default:
			g.sent(f)
		}
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
