package allreduce

import "sync"

// engine runs the state machines of a group, one at a time: its own goroutine
// begins calls, and the reader hands it frames itself, as to wake another
// goroutine for each would cost more than the fold. It never waits for the
// sender, so two neighbours with much to send to one another cannot block each other.
type engine struct {
	group *Group

	mu       sync.Mutex
	over     bool   // nothing is written to callers' memory any more
	step     uint64 // the latest step begun here
	active   map[key]*call
	ended    map[key]struct{} // calls of that step that are done
	held     []Frame          // frames of calls not begun here yet
	holding  int64            // their bytes
	prevLeft bool
	out      []Frame // scratch
}

func (e *engine) run() {
	g := e.group
	defer e.stop()
	for {
		select {
		case <-g.dead:
			return
		case c := <-g.starts:
			if err := e.start(c); err != nil {
				g.fail(err)
				return
			}
		}
	}
}

func (e *engine) stop() {
	e.mu.Lock()
	e.over = true
	e.mu.Unlock()
	close(e.group.stopped)
}

// hand takes a frame from the reader, or why there are no more, and says whether
// to go on. The end of the link comes the way of frames, so that those before it count.
func (e *engine) hand(f *Frame, err error) bool {
	e.mu.Lock()
	if e.over {
		e.mu.Unlock()
		return false
	}
	if err == nil {
		err = e.take(*f)
	}
	e.mu.Unlock()
	e.group.send()
	if err != nil {
		e.group.fail(e.group.prevError("read", err))
		return false
	}
	return true
}

// start begins a call. Its first frames are under way before the last are folded.
func (e *engine) start(c *call) error {
	k := c.key
	e.mu.Lock()
	more, err := e.begin(c)
	e.mu.Unlock()
	for e.group.send(); more && err == nil; e.group.send() {
		e.mu.Lock()
		if more = e.active[k] == c; more { // nobody has the call again yet
			more = e.fold(c)
			e.settle(c)
		}
		e.mu.Unlock()
	}
	return err
}

// fold lets a call fold what begins here, a segment, and says whether to do so again.
func (e *engine) fold(c *call) (more bool) {
	e.out, more = c.machine.Start(e.out[:0])
	e.group.queue.push(e.out)
	return more
}

// begin gives a call its first segment and the frames that came early.
func (e *engine) begin(c *call) (more bool, err error) {
	if c.key.step > e.step {
		e.step = c.key.step
		clear(e.ended)
	}
	e.active[c.key] = c
	// A worker that left before it had a frame of this call will never begin it;
	// only a broadcast needs nothing from us to end there.
	nextLeft := e.group.nextLeft.Load() && c.key.class != classBroadcast
	more = e.fold(c)
	rest := e.held[:0]
	for _, f := range e.held {
		if keyOf(&f) != c.key {
			rest = append(rest, f)
			continue
		}
		e.holding -= frameSize(&f)
		if err := e.receive(c, f); err != nil {
			return false, e.group.prevError("read", err)
		}
	}
	clear(e.held[len(rest):])
	e.held = rest
	switch {
	case e.settle(c):
		return false, nil
	case e.prevLeft:
		return false, e.group.prevError("read", ErrLeft)
	case nextLeft:
		return false, e.group.nextError("write", ErrLeft)
	}
	return more, nil
}

// take gives a frame to its call.
func (e *engine) take(f Frame) error {
	g := e.group
	if f.Generation != g.view.Generation {
		return fieldError("generation", "%d, want %d", f.Generation, g.view.Generation)
	}
	switch f.Kind {
	case KindAbort:
		return abortOf(&f)
	case KindLeave:
		e.prevLeft = true
		if len(e.active) > 0 {
			return ErrLeft
		}
		return nil
	}
	k := keyOf(&f)
	if c := e.active[k]; c != nil {
		if err := e.receive(c, f); err != nil {
			return err
		}
		e.settle(c)
		return nil
	}
	if _, ended := e.ended[k]; ended {
		return fieldError("chunk", "%v of chunk %d after %v was done", f.Kind, f.Chunk, k)
	}
	if f.Step < e.step {
		return fieldError("step", "%d, but step %d has begun (%v of chunk %d, tag %d)", f.Step, e.step, f.Kind, f.Chunk, f.Tag)
	}
	if e.holding += frameSize(&f); e.holding > g.options.hold {
		return fieldError("tag", "%v has not begun here, and frames held for such come to more than %d bytes: do the workers begin the same collectives?",
			k, g.options.hold)
	}
	f.keep()
	e.held = append(e.held, f)
	return nil
}

func (e *engine) receive(c *call, f Frame) error {
	var err error
	e.out, err = c.machine.Receive(f, e.out[:0])
	if err != nil {
		return err
	}
	e.group.queue.push(e.out)
	return nil
}

// settle ends a call whose machine is done, and says so. The call is its
// caller's again then.
func (e *engine) settle(c *call) bool {
	if !c.machine.Done() {
		return false
	}
	delete(e.active, c.key)
	if c.key.step == e.step {
		e.ended[c.key] = struct{}{}
	}
	g := e.group
	now := g.options.clock()
	g.mu.Lock()
	delete(g.busy, c)
	op := &g.stats.Ops[c.key.class]
	op.Count++
	op.Took += now.Sub(c.began)
	c.ended = now
	g.mu.Unlock()
	c.finished <- struct{}{}
	return true
}

func keyOf(f *Frame) key { return key{classOf(f.Kind), f.Step, f.Tag} }

func frameSize(f *Frame) int64 { return headerSize + int64(len(f.Payload)) }
