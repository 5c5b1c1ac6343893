package allreduce

import (
	"cmp"
	"fmt"
	"time"
)

// machine is a collective as one worker sees it: pure, frames in, frames out.
type machine interface {
	Start(out []Frame) (frames []Frame, more bool)
	Receive(f Frame, out []Frame) ([]Frame, error)
	Done() bool
	Awaiting() string
}

// class tells collectives apart whose step and tag are the same.
type class uint8

const (
	classReduce class = iota
	classGather
	classBroadcast
	classBarrier
	classMirror
	classes
)

func (c class) String() string {
	return [...]string{"bucket", "gather", "broadcast", "barrier", "mirror"}[c]
}

// classOf is the collective that a kind of frame belongs to.
func classOf(k Kind) class {
	switch k {
	case KindGather:
		return classGather
	case KindBroadcast:
		return classBroadcast
	case KindBarrier:
		return classBarrier
	case KindMirror:
		return classMirror
	}
	return classReduce
}

// key names a collective.
type key struct {
	class class
	step  uint64
	tag   uint32
}

func (k key) String() string { return fmt.Sprintf("step %d %v %d", k.step, k.class, k.tag) }

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.step, o.step), cmp.Compare(k.class, o.class), cmp.Compare(k.tag, o.tag))
}

// call is a collective under way. Calls are used again.
type call struct {
	key       key
	machine   machine
	reduction Reduction
	gathering gathering
	mirroring mirroring
	pending   Pending
	finished  chan struct{} // holds one token once the machine is done
	began     time.Time
	ended     time.Time // set before finished gets its token
}

func (g *Group) newCall(k key) *call {
	g.mu.Lock()
	defer g.mu.Unlock()
	var c *call
	if n := len(g.idle); n > 0 {
		c, g.idle = g.idle[n-1], g.idle[:n-1]
	} else {
		c = g.makeCall()
	}
	c.key = k
	return c
}

func (g *Group) makeCall() *call {
	c := &call{finished: make(chan struct{}, 1)}
	c.pending = Pending{group: g, call: c}
	c.reduction.folder.wire = g.options.wire
	c.reduction.segment, c.reduction.window = g.options.segment, g.options.window
	c.reduction.setDefaults()
	if (isFar(g.next) || isFar(g.prev)) && g.options.window == 0 {
		c.reduction.window = farWindow
	}
	if next, ok := g.next.(summing); ok {
		c.reduction.sums = next.sums() && g.options.wire == Float32 && littleEndian
	}
	if next, ok := g.next.(lender); ok {
		c.reduction.lend = next.lend
	}
	return c
}

// start hands a call to the engine.
func (g *Group) start(c *call) error {
	g.mu.Lock()
	err := g.admit(c)
	g.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case g.starts <- c:
		return nil
	case <-g.dead:
		return g.Err()
	}
}

// admit refuses what could not end well.
func (g *Group) admit(c *call) error {
	switch {
	case g.err != nil:
		return g.err
	case g.closed:
		return ErrClosed
	case c.key.step < g.step:
		return fmt.Errorf("%v: a collective of step %d was begun before; steps never go back", c.key, g.step)
	case c.key.step > g.step:
		g.step = c.key.step
		clear(g.begun)
	}
	if _, twice := g.begun[c.key]; twice {
		return fmt.Errorf("%v: begun twice", c.key)
	}
	g.begun[c.key] = struct{}{}
	g.busy[c] = struct{}{}
	c.began = g.options.clock()
	return nil
}

// wait blocks until a call is done or never will be.
func (g *Group) wait(c *call) error {
	_, err := g.waitEnd(c)
	return err
}

// waitEnd is wait, and says when the call was done.
func (g *Group) waitEnd(c *call) (ended time.Time, err error) {
	from := g.options.clock()
	g.blocked.Add(1)
	select {
	case <-c.finished:
	case <-g.stopped:
		// The engine may have finished this call before it stopped.
		select {
		case <-c.finished:
		default:
			err = g.Err()
		}
	}
	g.blocked.Add(-1)
	now := g.options.clock()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.Ops[c.key.class].Waited += now.Sub(from)
	if err == nil {
		ended, g.idle = c.ended, append(g.idle, c)
	}
	return ended, err
}

func (g *Group) do(c *call) error {
	if err := g.start(c); err != nil {
		return err
	}
	return g.wait(c)
}
