package nn

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor"
)

// fusedActivation is an element-wise function behind a batch norm, applied to
// some rows while they are in cache. Its gradient needs what it was given, which
// is not stored but computed again from the norm's input, or what it yields.
type fusedActivation struct {
	norm *batchNorm
	f    activation

	forward, backward func(lo, hi int) // over rows
}

func newFusedActivation(o *batchNorm, f activation) *fusedActivation {
	a := &fusedActivation{norm: o, f: f}
	a.forward, a.backward = a.forwardRows, a.backwardRows
	o.tape.free.size = max(o.tape.free.size, a.block()*o.x.Cols)
	return a
}

// block is how many rows are taken at a time.
func (a *fusedActivation) block() int { return max(1, inCache/a.norm.x.Cols) }

func (a *fusedActivation) share(f func(lo, hi int)) {
	x := a.norm.x
	a.norm.tape.pool.For(x.Rows, rowGrain(x.Cols), f)
}

func (a *fusedActivation) run() { a.share(a.forward) }

// back makes of dy, which nobody reads afterwards, the gradient of what f was
// given.
func (a *fusedActivation) back() { a.share(a.backward) }

// blocks calls f for rows [lo, hi), some at a time, all of one row of the small
// matrices each.
func (a *fusedActivation) blocks(lo, hi int, f func(lo, hi, small int)) {
	o := a.norm
	rows := o.x.Rows / (o.steps * o.lanes)
	for lo < hi {
		small := lo / rows
		end := min(hi, lo+a.block(), (small+1)*rows)
		f(lo, end, small)
		lo = end
	}
}

// given computes what f is given in rows [lo, hi).
func (a *fusedActivation) given(to tensor.Matrix, lo, hi, small int) {
	o := a.norm
	add := o.added()
	if add.Rows > 0 {
		add = add.Slice(lo, hi)
	}
	scale, shift := o.small(o.scale).Slice(small, small+1), o.small(o.shift).Slice(small, small+1)
	(*tensor.Pool)(nil).BatchNorm(to, o.x.Value().Slice(lo, hi), add, scale, shift, tensor.Identity)
}

func (a *fusedActivation) forwardRows(lo, hi int) {
	a.blocks(lo, hi, func(lo, hi, small int) {
		y := a.norm.y.Value().Slice(lo, hi)
		a.given(y, lo, hi, small)
		runs(func(y, _, _ []float32) { a.f.forward(y, y) }, y, y, y)
	})
}

func (a *fusedActivation) backwardRows(lo, hi int) {
	o, cols := a.norm, a.norm.x.Cols
	s := o.tape.free.take()
	defer o.tape.free.put(s)
	a.blocks(lo, hi, func(lo, hi, small int) {
		dy, g := o.y.Grad().Slice(lo, hi), tensor.Of(s.g[:(hi-lo)*cols], hi-lo, cols)
		kept := tensor.Of(s.given[:(hi-lo)*cols], hi-lo, cols)
		if a.f.keepsGiven {
			a.given(kept, lo, hi, small)
		} else {
			kept = o.y.Value().Slice(lo, hi)
		}
		clear(g.Data)
		runs(func(g, dy, kept []float32) {
			a.f.backward(g, dy, kept)
			copy(dy, g)
		}, g, dy, kept)
	})
}

// freeRows is memory for some rows, for every goroutine that asks for it at a
// time: a steady step allocates none.
type freeRows struct {
	size  int
	mu    sync.Mutex
	spare []*someRows
}

type someRows struct{ g, given []float32 }

func (f *freeRows) take() *someRows {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.spare); n > 0 {
		s := f.spare[n-1]
		f.spare = f.spare[:n-1]
		return s
	}
	return &someRows{g: make([]float32, f.size), given: make([]float32, f.size)}
}

func (f *freeRows) put(s *someRows) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spare = append(f.spare, s)
}
