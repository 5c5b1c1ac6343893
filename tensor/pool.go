package tensor

import (
	"fmt"
	"sync/atomic"
)

// Pool is a fixed number of persistent goroutines that share out work. Ranges are static and contiguous,
// and no sum is ever split between goroutines, so that results do not depend on the size of a pool.
//
// A pool of more than one serves one caller at a time and panics when two meet; the function given to For
// must not use that pool again. A pool of size one, or a nil Pool, runs everything in the caller's
// goroutine and may be shared by any number of them. A call allocates nothing.
type Pool struct {
	size  int
	wake  []*bell // one for each goroutine but the caller's own
	busy  atomic.Bool
	left  atomic.Int32 // goroutines at work
	done  *bell        // rung by the last of them
	first atomic.Pointer[failure]

	closed bool // set before the last ring

	f         func(lo, hi int)
	n, ranges int

	precision Precision
	method    ConvMethod

	call    call // the operands of the kernel under way
	runCall func(lo, hi int)
	sums    []float64 // of SumSquaresPool
}

// failure is a panic on its way from a pool's goroutine to the caller.
type failure struct{ value any }

// NewPool starts a pool of n goroutines, the caller's own included, so that NewPool(1) starts none.
func NewPool(n int) *Pool {
	if n < 1 {
		panic(fmt.Sprintf("tensor: NewPool(%d): a pool has at least one goroutine", n))
	}
	p := &Pool{size: n, wake: make([]*bell, n-1), done: newBell()}
	p.runCall = p.call.run
	for i := range p.wake {
		p.wake[i] = newBell()
		go p.work(i+1, p.wake[i])
	}
	return p
}

// Size is the number of goroutines that share the work, the caller's own included.
func (p *Pool) Size() int {
	if p == nil {
		return 1
	}
	return p.size
}

// Close ends the goroutines. The pool may not be used afterwards; closing it again does nothing.
func (p *Pool) Close() {
	if p.Size() == 1 {
		return
	}
	p.begin()
	defer p.end()
	if p.wake != nil {
		p.closed = true
	}
	for _, b := range p.wake {
		b.ring()
	}
	p.wake = nil
}

// For calls f on contiguous ranges [lo, hi) that cover [0, n), each index once, at most one range for each
// goroutine and none of fewer than grain indices (unless n itself is less). It returns when all are done.
// A panic in f reaches the caller after the other ranges have ended, and leaves the pool in order.
func (p *Pool) For(n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	if p.Size() == 1 {
		f(0, n)
		return
	}
	p.begin()
	defer p.end()
	p.share(n, grain, f)
}

// begin claims the pool for one caller, and end gives it back.
func (p *Pool) begin() {
	if !p.busy.CompareAndSwap(false, true) {
		panic("tensor: Pool used by two callers at once, or from within its own For")
	}
}

func (p *Pool) end() {
	p.f, p.call = nil, call{}
	p.busy.Store(false)
}

// share runs f on this goroutine and as many others as are worth waking.
func (p *Pool) share(n, grain int, f func(lo, hi int)) {
	p.ranges = max(1, min(p.size, n/max(1, grain)))
	if p.ranges == 1 {
		f(0, n)
		return
	}
	if p.wake == nil {
		panic("tensor: Pool used after Close")
	}
	p.f, p.n = f, n
	p.left.Store(int32(p.ranges - 1))
	for _, b := range p.wake[:p.ranges-1] {
		b.ring()
	}
	p.runRange(0)
	p.done.wait()
	if bad := p.first.Swap(nil); bad != nil {
		panic(bad.value)
	}
}

// work runs range i of every call until Close.
func (p *Pool) work(i int, wake *bell) {
	for {
		wake.wait()
		if p.closed {
			return
		}
		p.runRange(i)
		if p.left.Add(-1) == 0 {
			p.done.ring()
		}
	}
}

// runRange runs range i of the call under way and keeps the first panic for the caller.
func (p *Pool) runRange(i int) {
	defer func() {
		if v := recover(); v != nil {
			p.first.CompareAndSwap(nil, &failure{v})
		}
	}()
	p.f(span(p.n, p.ranges, i))
}

// span is range i of [0, n) when it is cut into parts whose sizes differ by one at most: the larger ones come first.
func span(n, parts, i int) (lo, hi int) {
	each, more := n/parts, n%parts
	lo = i*each + min(i, more)
	hi = lo + each
	if i < more {
		hi++
	}
	return lo, hi
}
