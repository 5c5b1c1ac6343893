package probe

import (
	"cmp"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// hessian is the quadratic model of dense features, by the Hessian for the units that may move.
type hessian struct {
	x       Dense
	columns []int     // of the units that may move
	h       []float64 // [k, k]: the Hessian for these and, last, the intercept
	fresh   bool      // h is of the present weights
	last    support
}

func (m *hessian) exact() bool { return m.fresh }

// support is coordinates with a weight, and their part of the Hessian factored.
type support struct {
	at []int
	*cholesky
}

// prepare keeps the Hessian unless a new one is asked for or a unit is missing in it.
func (m *hessian) prepare(f *fitting, anew bool) {
	m.fresh = false
	if !anew && m.h != nil {
		has := make([]bool, len(f.w))
		for _, j := range m.columns {
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
	m.columns = f.movable(m.columns[:0])
	k := len(m.columns) + 1
	m.h, m.fresh, m.last = make([]float64, k*k), true, support{}
	m.x.gram(f.pool, m.h, m.columns, f.curve, f.scaling)
	for i := range k {
		m.h[i*k+i] = padded(m.h[i*k+i])
	}
}

// padded is an entry of a Hessian's diagonal, enlarged so that rounding leaves it positive.
func padded(h float64) float64 { return h + 1e-7*h + 1e-12 }

// movable appends the columns that have a weight, or may get one in this round.
func (f *fitting) movable(columns []int) []int {
	for j, w := range f.w {
		if w != 0 || math.Abs(f.g[j]) > wanted && f.scale[j] > 0 {
			columns = append(columns, j)
		}
	}
	return columns
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

func (m *hessian) descend(f *fitting, within float64) (delta []float64, db float64) {
	k := len(m.columns) + 1
	q := &descent{k: k, h: m.h, s: make([]float64, k), w: make([]float64, k), u: make([]float64, k), scale: make([]float64, k),
		pool: f.pool, last: &m.last}
	for c, j := range m.columns {
		q.scale[c], q.w[c] = f.scale[j], f.w[j]*f.scale[j]
		q.s[c] = (f.g[j] - f.shift[j]*f.gb) / f.scale[j]
	}
	q.s[k-1] = f.gb
	copy(q.u, q.w)
	q.run(within)
	delta, db = make([]float64, len(f.w)), q.u[k-1]
	for c, j := range m.columns {
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
	hd, cost, first, second := make([]float64, q.k), make([]float64, q.k), 0.0, 0.0
	q.pool.For(q.k, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			hd[i] = dot64(q.h[i*q.k:(i+1)*q.k], full)
		}
	})
	for _, i := range at {
		first += (q.s[i] + q.slope(i)) * full[i]
		second += hd[i] * full[i]
		if i < q.k-1 {
			cost[i] = 1 / q.scale[i]
		}
	}
	t, stop := lowest(q.u, full, cost, first, second)
	for i := range q.u {
		q.u[i] += t * full[i]
		q.s[i] += t * hd[i]
	}
	if stop >= 0 {
		q.u[stop] = 0
	}
}

// lowest finds t in [0, 1] where first·t + ½·second·t² and what the penalties bend is least on the way from u to u + d: the
// slope rises by 2·cost·|d| where a coordinate passes zero. It returns which one is zero there, or -1.
func lowest(u, d, cost []float64, first, second float64) (t float64, stop int) {
	when := func(i int) float64 { return -u[i] / d[i] }
	var bends []int // coordinates that pass zero, the first first
	for i, c := range cost {
		if c > 0 && u[i]*(u[i]+d[i]) < 0 {
			bends = append(bends, i)
		}
	}
	slices.SortFunc(bends, func(i, j int) int { return cmp.Compare(when(i), when(j)) })
	for _, i := range bends {
		if first+when(i)*second >= 0 {
			break // the minimum lies before
		}
		if first += 2 * math.Abs(d[i]) * cost[i]; first+when(i)*second >= 0 {
			return when(i), i // the minimum is where i is zero
		}
	}
	return min(1, max(0, -first/second)), -1
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
