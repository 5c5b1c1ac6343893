package allreduce

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Group is one worker's place in the ring of one view. Its methods may be
// called from several goroutines, and several collectives may be under way at
// once; each is known by its kind, step and tag, which all workers must use
// alike. Steps never go back.
//
// After an error the group is dead: every call returns that error. Make a new
// group of a new view over new links.
type Group struct {
	view       View
	self       int
	next, prev Link
	trier      trier // next, if it can send without waiting
	options    options

	starts  chan *call    // callers to engine
	queue   sendQueue     // engine to sender
	dead    chan struct{} // closed at the first error
	watched chan struct{} // closed when the watcher has ended
	stopped chan struct{} // closed when the engine has stopped: nothing is written to callers' memory any more
	wg      sync.WaitGroup
	engine  engine

	nextLeft atomic.Bool

	mu     sync.Mutex
	err    error // why the group is dead
	closed bool
	step   uint64           // the latest step of a call
	begun  map[key]struct{} // calls of that step
	idle   []*call          // for reuse
	busy   map[*call]struct{}
	stats  Stats

	bytesSent, bytesReceived, framesSent, framesReceived atomic.Int64
	blocked                                              atomic.Int32 // callers that wait
}

type options struct {
	clock           func() time.Time
	linger          time.Duration
	hold            int64
	wire            Wire
	segment, window int // for tests
}

// Option changes how a group works, never what it computes.
type Option func(*options)

// WithClock injects the clock of [Stats]; the default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithLinger bounds the time that Close waits for the neighbour to take what
// this worker still has to hand on. The default is 5 s.
func WithLinger(d time.Duration) Option { return func(o *options) { o.linger = d } }

// WithHoldLimit bounds the bytes of frames that are kept because they came
// before this worker began their bucket. A worker can be ahead of this one by at
// most one step, so the size of all gradients and a few bytes a frame are
// enough. The default is 1 GiB.
func WithHoldLimit(bytes int64) Option { return func(o *options) { o.hold = bytes } }

// WithWire sets the form in which sums travel; the default is [Float32]. All
// workers must use the same, and say so in the config hash of their [Hello].
func WithWire(w Wire) Option { return func(o *options) { o.wire = w } }

// NewGroup makes worker self of a view a member of the ring: next sends to the
// worker after it, prev receives from the one before. The group owns both links
// and closes them. With one worker both are nil. Two workers still need two links.
func NewGroup(view View, self int, next, prev Link, opts ...Option) (*Group, error) {
	if err := view.check(self); err != nil {
		return nil, err
	}
	if alone := view.Workers() == 1; alone != (next == nil) || alone != (prev == nil) {
		return nil, fmt.Errorf("view %d: %d workers: want links to the next and the previous worker, and none for one worker",
			view.Generation, view.Workers())
	}
	g := &Group{view: view, self: self, next: next, prev: prev,
		options: options{clock: time.Now, linger: 5 * time.Second, hold: 1 << 30},
		starts:  make(chan *call, 64),
		dead:    make(chan struct{}), stopped: make(chan struct{}), watched: make(chan struct{}),
		begun: map[key]struct{}{}, busy: map[*call]struct{}{}}
	for _, o := range opts {
		o(&g.options)
	}
	g.queue.init()
	g.trier, _ = next.(trier)
	if l, ok := prev.(summing); ok {
		l.leaveChecks()
	}
	g.engine = engine{group: g, active: map[key]*call{}, ended: map[key]struct{}{}}
	g.wg.Go(g.engine.run)
	if next != nil {
		g.wg.Go(g.read)
		g.wg.Go(g.write)
		g.wg.Go(g.watch)
	}
	return g, nil
}

// View is the view that the group was made of.
func (g *Group) View() View { return g.view }

// Self is this worker's number in the view.
func (g *Group) Self() int { return g.self }

// AllReduce starts the sum of one bucket over all lanes and returns at once.
// lanes are the gradients of the own lanes in lane order, each of the bucket's
// length; out receives the sum. Neither may be touched until Wait returns, and
// out may overlap no lane. In a ring of one lane alone it may be that lane, which
// then receives the sum, rounded on a wire of bfloat16. Otherwise lanes are not changed.
func (g *Group) AllReduce(step uint64, bucket uint32, lanes [][]float32, out []float32) (*Pending, error) {
	return g.AllReducePart(step, bucket, Part{0, len(out)}, lanes, out)
}

// AllReducePart is AllReduce for a part of a larger bucket, under a number of its
// own: the sum has the bits that it would have in the whole, and the parts may
// leave in any order, each as soon as its gradients are there.
func (g *Group) AllReducePart(step uint64, number uint32, part Part, lanes [][]float32, out []float32) (*Pending, error) {
	c := g.newCall(key{classReduce, step, number})
	if err := c.reduction.ResetPart(g.view, g.self, step, number, part, lanes, out); err != nil {
		return nil, err
	}
	c.machine = &c.reduction
	if err := g.start(c); err != nil {
		return nil, err
	}
	return &c.pending, nil
}

// Pending is a bucket or a gather on its way.
type Pending struct {
	group *Group
	call  *call
}

// Wait blocks until out is whole, or returns why it never will be. It is
// called once: the group uses the Pending again.
func (p *Pending) Wait() error {
	_, err := p.WaitEnd()
	return err
}

// WaitEnd is Wait, and says when out was whole: that may have been long before.
func (p *Pending) WaitEnd() (time.Time, error) {
	if p.call.key.class == classReduce {
		p.call.reduction.home.help(&p.call.reduction)
	}
	return p.group.waitEnd(p.call)
}

// Gather brings the small vectors of all lanes to all workers. own are the
// vectors of the own lanes, each of k numbers; out is [L][k] and receives those
// of all lanes in lane order. It blocks until out is whole.
func (g *Group) Gather(step uint64, tag uint32, own, out [][]float64) error {
	p, err := g.BeginGather(step, tag, own, out)
	if err != nil {
		return err
	}
	return p.Wait()
}

// BeginGather is Gather for a caller that has something to do until it needs out.
// Neither own nor out may be touched until Wait returns.
func (g *Group) BeginGather(step uint64, tag uint32, own, out [][]float64) (*Pending, error) {
	c := g.newCall(key{classGather, step, tag})
	if err := c.gathering.reset(g.view, g.self, KindGather, step, tag, own, out); err != nil {
		return nil, err
	}
	c.machine = &c.gathering
	if err := g.start(c); err != nil {
		return nil, err
	}
	return &c.pending, nil
}

// Barrier blocks until every worker has called it.
func (g *Group) Barrier(step uint64, tag uint32) error {
	c := g.newCall(key{classBarrier, step, tag})
	if err := c.gathering.reset(g.view, g.self, KindBarrier, step, tag, nil, nil); err != nil {
		return err
	}
	c.machine = &c.gathering
	return g.do(c)
}

// Broadcast brings the root's bytes to all workers; the others' data is not
// looked at. The root returns as soon as its bytes are on their way.
func (g *Group) Broadcast(step uint64, tag uint32, root int, data []byte) ([]byte, error) {
	if root < 0 || root >= g.view.Workers() {
		return nil, fmt.Errorf("step %d broadcast %d: root %d of %d workers", step, tag, root, g.view.Workers())
	}
	c := g.newCall(key{classBroadcast, step, tag})
	b := &broadcast{view: g.view, self: g.self, root: root, step: step, tag: tag, data: data}
	c.machine = b
	if err := g.do(c); err != nil {
		return nil, err
	}
	return b.data, nil
}

// Err is why the group is dead, or nil.
func (g *Group) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}
