package probe

// columns is the quadratic model of sparse features, by the columns of the words that may move. The intercept is always
// the best for the other weights: with it eliminated, columns are what they are less their mean in the texts, weighted by
// the curvature.
type columns struct {
	x      Sparse
	at     []int     // of the words that may move
	starts []int     // [k+1]: where each begins in rows and values
	rows   []int32   // texts that have the word, ascending
	values []float64 // and how it stands there
	curve  []float64 // [n]: curvature of each text
	total  float64   // of the curvatures
	mean   []float64 // [k]
	h      []float64 // [k]: the Hessian's diagonal
}

func (m *columns) exact() bool { return true }

func (m *columns) prepare(f *fitting, _ bool) {
	m.at, m.curve, m.total = f.movable(m.at[:0]), f.curve, 0
	for _, d := range m.curve {
		m.total += d
	}
	m.gather()
	k := len(m.at)
	m.mean, m.h = make([]float64, k), make([]float64, k)
	for c := range k {
		rows, values := m.column(c)
		sum, square := 0.0, 0.0
		for e, i := range rows {
			v := m.curve[i] * values[e]
			sum += v
			square += v * values[e]
		}
		m.mean[c] = sum / m.total
		m.h[c] = padded(max(0, square-m.mean[c]*sum))
	}
}

// gather takes the columns out of the rows.
func (m *columns) gather() {
	place := make([]int32, m.x.Cols) // of a column among the wanted ones, from 1 on
	for c, j := range m.at {
		place[j] = int32(c + 1)
	}
	next := make([]int, len(m.at)+2) // where the next entry of a column goes, one place further on
	for _, j := range m.x.Columns {
		if p := place[j]; p > 0 {
			next[p+1]++
		}
	}
	for p := 2; p < len(next); p++ {
		next[p] += next[p-1]
	}
	n := next[len(next)-1]
	m.rows, m.values = make([]int32, n), make([]float64, n)
	for i := range m.x.Rows() {
		of, values := m.x.Row(i)
		for e, j := range of {
			if p := place[j]; p > 0 {
				m.rows[next[p]], m.values[next[p]] = int32(i), values[e]
				next[p]++
			}
		}
	}
	m.starts = next[:len(m.at)+1]
}

func (m *columns) column(c int) (rows []int32, values []float64) {
	from, to := m.starts[c], m.starts[c+1]
	return m.rows[from:to], m.values[from:to]
}

// dot is the sum of a column's numbers, each times that of v in its text.
func (m *columns) dot(c int, v []float64) float64 {
	rows, values := m.column(c)
	values = values[:len(rows)]
	var a, b float64
	e := 0
	for ; e+2 <= len(rows); e += 2 {
		a += values[e] * v[rows[e]]
		b += values[e+1] * v[rows[e+1]]
	}
	if e < len(rows) {
		a += values[e] * v[rows[e]]
	}
	return a + b
}

func (m *columns) descend(f *fitting, within float64) (delta []float64, db float64) {
	k := len(m.at)
	q := &columnDescent{columns: m, s: make([]float64, k), u: make([]float64, k), p: make([]float64, len(m.curve))}
	for c, j := range m.at {
		q.s[c], q.u[c] = f.g[j]-m.mean[c]*f.gb, f.w[j]
	}
	q.run(within)
	delta = make([]float64, len(f.w))
	for c, j := range m.at {
		delta[j] = q.u[c] - f.w[j]
	}
	return delta, -(f.gb + q.sum) / m.total
}

// columnDescent is coordinate descent on the model.
type columnDescent struct {
	*columns
	s   []float64 // [k]: gradient of the smooth part where the descent began
	u   []float64 // [k]: the weights as they move
	p   []float64 // [n]: curvature times how the margin has moved, the intercept's part left out
	sum float64   // of p
}

// slope is the gradient of the smooth part along a weight.
func (q *columnDescent) slope(c int) float64 { return q.s[c] - q.mean[c]*q.sum + q.dot(c, q.p) }

// run sweeps over all, then over those that have a weight, and leaps to the minimum of these where sweeps take long.
func (q *columnDescent) run(within float64) {
	all := make([]int, len(q.u))
	for c := range all {
		all[c] = c
	}
	for range turns {
		if q.sweep(all) <= within {
			return
		}
		has := q.weighted()
		for range sweeps {
			if q.sweep(has) <= within {
				break
			}
		}
		q.leap(q.weighted(), within)
	}
}

func (q *columnDescent) weighted() (at []int) {
	for c, u := range q.u {
		if u != 0 {
			at = append(at, c)
		}
	}
	return at
}

// sweep moves each of some weights to its minimum, and returns the largest violation that it met.
func (q *columnDescent) sweep(at []int) (most float64) {
	for _, c := range at {
		g, was := q.slope(c), q.u[c]
		most = max(most, offBy(was, g))
		to := shrink(was*q.h[c]-g) / q.h[c]
		if to == was {
			continue
		}
		q.u[c] = to
		q.move(q.p, c, to-was)
		q.sum += (to - was) * q.mean[c] * q.total
	}
	return most
}

// move adds so much of a column, times the curvature, to p.
func (q *columnDescent) move(p []float64, c int, by float64) {
	rows, values := q.column(c)
	values = values[:len(rows)]
	for e, i := range rows {
		p[i] += by * values[e] * q.curve[i]
	}
}

// leapSteps bounds the steps of conjugate gradients in a leap.
const leapSteps = 40

// leap goes towards the minimum for weights whose signs stay, by conjugate gradients, as far as the objective falls.
func (q *columnDescent) leap(at []int, within float64) {
	n := len(at)
	left, d, hd := make([]float64, n), make([]float64, n), make([]float64, n) // left = -gradient - hd
	u, cost, first := make([]float64, n), make([]float64, n), 0.0
	for a, c := range at {
		u[a], cost[a] = q.u[c], 1
		left[a] = -q.slope(c) - sign(u[a])
	}
	begun := append([]float64{}, left...)
	q.conjugate(at, left, d, hd, within)
	second := 0.0
	for a := range at {
		first -= begun[a] * d[a]
		second += hd[a] * d[a]
	}
	if !(second > 0) {
		return
	}
	t, stop := lowest(u, d, cost, first, second)
	for a, c := range at {
		q.u[c] += t * d[a]
		if a == stop {
			q.u[c] = 0
		}
		q.move(q.p, c, q.u[c]-u[a])
	}
	q.sum = 0
	for _, p := range q.p {
		q.sum += p
	}
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

// conjugate solves H·d = left for some weights until what is left is within so much: d and hd begin as zeros, and left
// becomes what is left.
func (q *columnDescent) conjugate(at []int, left, d, hd []float64, within float64) {
	n := len(at)
	way, hway, v := make([]float64, n), make([]float64, n), make([]float64, len(q.p))
	before := 0.0
	for range leapSteps {
		now, most := 0.0, 0.0
		for a, c := range at {
			now += left[a] * left[a] / q.h[c]
			most = max(most, left[a], -left[a])
		}
		if most <= within/2 {
			return
		}
		turn := 0.0
		if before > 0 {
			turn = now / before
		}
		for a, c := range at {
			way[a] = left[a]/q.h[c] + turn*way[a]
		}
		before = now
		curved := q.times(at, way, hway, v)
		if !(curved > 0) {
			return
		}
		step := now / curved
		for a := range at {
			d[a] += step * way[a]
			hd[a] += step * hway[a]
			left[a] -= step * hway[a]
		}
	}
}

// times computes hd = H·d, with v to write in, and returns d·hd.
func (q *columnDescent) times(at []int, d, hd, v []float64) (curved float64) {
	clear(v)
	mean := 0.0
	for a, c := range at {
		q.move(v, c, d[a])
		mean += d[a] * q.mean[c]
	}
	for i := range v {
		v[i] -= q.curve[i] * mean
	}
	for a, c := range at {
		hd[a] = q.dot(c, v)
		curved += d[a] * hd[a]
	}
	return curved
}
