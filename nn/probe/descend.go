package probe

import (
	"cmp"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// quadratic is the model of the objective around the present weights.
type quadratic struct {
	scaling
	columns []int     // of the units that may move
	h       []float64 // [k, k]: the Hessian for these and, last, the intercept
	fresh   bool      // h is of the present weights
	last    support
}

// support is coordinates with a weight, and their part of the Hessian factored.
type support struct {
	at []int
	*cholesky
}

// prepare chooses the units that may move, and forms the Hessian for them: anew where that is asked for or a unit is
// missing.
func (f *fitting) prepare(anew bool) {
	f.fresh = false
	if !anew && f.h != nil {
		has := make([]bool, len(f.w))
		for _, j := range f.columns {
			has[j] = true
		}
		missing := false
		for j, w := range f.w {
			missing = missing || !has[j] && f.scale[j] > 0 && (w != 0 || math.Abs(f.g[j]) > 1)
		}
		if !missing {
			return
		}
	}
	f.columns = f.columns[:0]
	for j, w := range f.w {
		if w != 0 || math.Abs(f.g[j]) > wanted && f.scale[j] > 0 {
			f.columns = append(f.columns, j)
		}
	}
	k := len(f.columns) + 1
	f.h, f.fresh, f.last = make([]float64, k*k), true, support{}
	f.x.gram(f.pool, f.h, f.columns, f.curve, f.scaling)
	for i := range k { // so that rounding leaves it positive
		f.h[i*k+i] += 1e-7*f.h[i*k+i] + 1e-12
	}
}

// wanted is the gradient from which on a unit without weight may get one in this round.
const wanted = 0.9

// descent is coordinate descent on the quadratic model, in v = w·scale and the intercept behind the shift.
type descent struct {
	k     int
	h, s  []float64 // [k, k]; [k]: gradient of the smooth part
	w, u  []float64 // [k]: v now, and as it moves; the last is the intercept
	scale []float64 // [k]: 1/scale is the penalty's slope, and 0 of the intercept
	pool  *tensor.Pool
	last  *support
}

// descend minimizes the quadratic model until its own optimality conditions hold within so much, and returns how the
// weights and the intercept move.
func (f *fitting) descend(within float64) (delta []float64, db float64) {
	k := len(f.columns) + 1
	q := &descent{k: k, h: f.h, s: make([]float64, k), w: make([]float64, k), u: make([]float64, k), scale: make([]float64, k),
		pool: f.pool, last: &f.last}
	for c, j := range f.columns {
		q.scale[c], q.w[c] = f.scale[j], f.w[j]*f.scale[j]
		q.s[c] = (f.g[j] - f.shift[j]*f.gb) / f.scale[j]
	}
	q.s[k-1] = f.gb
	copy(q.u, q.w)
	q.run(within)
	delta, db = make([]float64, len(f.w)), q.u[k-1]
	for c, j := range f.columns {
		if q.u[c] != q.w[c] {
			if delta[j] = q.u[c]/f.scale[j] - f.w[j]; q.u[c] == 0 {
				delta[j] = -f.w[j]
			}
			db -= f.shift[j] * delta[j]
		}
	}
	return delta, db
}

// turns bounds the turns of a descent, and sweeps the passes of one; what is left the next round finds.
const (
	turns  = 50
	sweeps = 8
)

// run sweeps, which finds out who has a weight, and then goes to the minimum of those that have, which takes sweeps for
// ever where units are alike.
func (q *descent) run(within float64) {
	for range turns {
		for range sweeps {
			if q.sweep() <= within {
				return
			}
		}
		q.leap()
	}
}

// leap goes towards the minimum for the coordinates that are not zero, their signs kept, as far as the objective falls:
// the quadratic model is exact there up to where a sign changes.
func (q *descent) leap() {
	var at []int
	for i, u := range q.u {
		if u != 0 || i == q.k-1 {
			at = append(at, i)
		}
	}
	if !slices.Equal(at, q.last.at) {
		q.last.at, q.last.cholesky = at, q.factored(at)
	}
	if q.last.cholesky == nil {
		return
	}
	d := make([]float64, len(at))
	for a, i := range at {
		d[a] = -q.s[i] - q.slope(i)
	}
	q.last.solve(d)
	q.along(at, d)
}

// slope is that of the penalty on a coordinate.
func (q *descent) slope(i int) float64 {
	switch {
	case i == q.k-1 || q.u[i] == 0:
		return 0
	case q.u[i] < 0:
		return -1 / q.scale[i]
	}
	return 1 / q.scale[i]
}

// factored factors H of some coordinates, with as much added to the diagonal as it takes; nil if nothing helps.
func (q *descent) factored(at []int) *cholesky {
	for more := 0.0; more < 10; more = max(more*10, 1e-7) {
		c := &cholesky{len(at), make([]float64, len(at)*len(at))}
		for a, i := range at {
			for b, j := range at[:a+1] {
				c.l[a*c.n+b] = q.h[i*q.k+j]
			}
			c.l[a*c.n+a] *= 1 + more
		}
		if c.factor(q.pool) {
			return c
		}
	}
	return nil
}

// along goes along d to the minimum of the objective on the way to u + d. Coordinates that pass zero on the way bend it.
func (q *descent) along(at []int, d []float64) {
	full := make([]float64, q.k)
	for a, i := range at {
		full[i] = d[a]
	}
	hd, first, second := make([]float64, q.k), 0.0, 0.0
	q.pool.For(q.k, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			hd[i] = dot64(q.h[i*q.k:(i+1)*q.k], full)
		}
	})
	var bends []int // coordinates that pass zero, the first first
	for _, i := range at {
		first += (q.s[i] + q.slope(i)) * full[i]
		second += hd[i] * full[i]
		if i < q.k-1 && q.u[i]*(q.u[i]+full[i]) < 0 {
			bends = append(bends, i)
		}
	}
	when := func(i int) float64 { return -q.u[i] / full[i] }
	slices.SortFunc(bends, func(i, j int) int { return cmp.Compare(when(i), when(j)) })
	t, stop := 1.0, -1
	for _, i := range bends {
		if first+when(i)*second >= 0 {
			break // the minimum lies before
		}
		if first += 2 * math.Abs(full[i]) / q.scale[i]; first+when(i)*second >= 0 {
			t, stop = when(i), i // the minimum is where i is zero
			break
		}
	}
	if stop < 0 {
		t = min(1, max(0, -first/second))
	}
	for i := range q.u {
		q.u[i] += t * full[i]
		q.s[i] += t * hd[i]
	}
	if stop >= 0 {
		q.u[stop] = 0
	}
}

// sweep moves each coordinate to its minimum, and returns the largest violation that it met, of the weights themselves.
func (q *descent) sweep() (most float64) {
	for i := range q.k {
		free := i == q.k-1
		h, was := q.h[i*q.k+i], q.u[i]
		var to float64
		if free {
			most = max(most, math.Abs(q.s[i]))
			to = was - q.s[i]/h
		} else {
			most = max(most, offBy(was, q.scale[i]*q.s[i]))
			to = shrink(q.scale[i]*(was*h-q.s[i])) / (q.scale[i] * h)
		}
		if to == was {
			continue
		}
		q.u[i] = to
		move := to - was
		row := q.h[i*q.k : (i+1)*q.k]
		s := q.s[:len(row)]
		for c, v := range row {
			s[c] += move * v
		}
	}
	return most
}

// shrink is soft thresholding at 1.
func shrink(v float64) float64 {
	switch {
	case v > 1:
		return v - 1
	case v < -1:
		return v + 1
	}
	return 0
}
