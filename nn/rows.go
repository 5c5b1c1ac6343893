package nn

import "github.com/rondo-ml/rondo/tensor"

// elementGrain is the least number of elements worth a goroutine.
const elementGrain = 4096

// rowGrain is the least number of rows worth a goroutine.
func rowGrain(cols int) int { return max(1, elementGrain/cols) }

// runs calls f for rows that lie together in all of three matrices, or for one row
// after another.
func runs(f func(a, b, c []float32), a, b, c tensor.Matrix) {
	if a.Stride == a.Cols && b.Stride == b.Cols && c.Stride == c.Cols {
		f(a.Data, b.Data, c.Data)
		return
	}
	for r := range a.Rows {
		f(a.Row(r), b.Row(r), c.Row(r))
	}
}

// byRows is what operations of one input share that are computed some rows at a
// time. An operation that embeds it sets forward and backward, which write rows
// [lo, hi) of y and what these mean for the gradient of x.
type byRows struct {
	pool  *tensor.Pool
	x, y  *Node
	grain int // the least number of rows worth a goroutine
	is    any // what it computes, for people; may be nil

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows of y
}

func (o *byRows) Forward() { o.pool.For(o.y.Rows, o.grain, o.forward) }

func (o *byRows) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.pool.For(o.y.Rows, o.grain, o.backward)
	}
}

// put adds src to a gradient, or sets it when it is fresh.
func put(dst, src []float32, fresh bool) {
	if fresh {
		copy(dst, src)
	} else {
		tensor.Add(dst, dst, src)
	}
}

// taken is a gradient that an operation has taken.
type taken struct {
	m     tensor.Matrix // without rows where nothing wants it
	fresh bool
}

func take(x *Node) (g taken) {
	g.m, g.fresh = x.TakeGrad()
	return g
}

func (g *taken) wanted() bool { return g.m.Rows > 0 }

// give adds dy to row r of the gradient, or sets it.
func (g *taken) give(r int, dy []float32) { put(g.m.Row(r), dy, g.fresh) }
