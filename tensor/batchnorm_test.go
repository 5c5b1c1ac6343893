package tensor

import (
	"math"
	"testing"
)

// naiveSums is the float32 sums over blocks of rows, added in float64, of a column of a lane. f is told the first row of
// the block.
func naiveSums(rows, width int, f func(i, first int) (v float32, fused func(q float32) float32), add func(first, n int, s, q float64)) {
	block := 256
	if width > 0 && width <= 256 {
		block -= 256 % width
	}
	for r0 := 0; r0 < rows; r0 += block {
		var s, q float32
		r1 := min(rows, r0+block)
		for i := r0; i < r1; i++ {
			v, fused := f(i, r0)
			s += v
			q = fused(q)
		}
		add(r0, r1-r0, float64(s), float64(q))
	}
}

// normTest is operands of batch norm.
type normTest struct {
	lanes, rows, width                 int
	x, y, dy, dx, add, dadd            guarded
	mean, variance, scale, shift, b, c guarded
}

func newNormTest(s *source, lanes, rows, cols int) *normTest {
	n := &normTest{lanes: lanes, rows: rows, width: []int{0, 1, 7, 56, 128, 300}[s.Below(6)]}
	for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx, &n.add, &n.dadd} {
		*m = newGuarded(s, lanes*rows, cols, cols+s.Below(2)*s.Below(9))
	}
	for _, m := range []*guarded{&n.mean, &n.variance, &n.scale, &n.shift, &n.b, &n.c} {
		*m = newGuarded(s, lanes, cols, cols+s.Below(2)*s.Below(9))
	}
	return n
}

func (n *normTest) intact(t *testing.T) {
	for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx, &n.add, &n.dadd, &n.mean, &n.variance, &n.scale, &n.shift, &n.b, &n.c} {
		m.intact(t)
	}
}

// each runs f for every element.
func (n *normTest) each(f func(l, i, j int)) {
	for i := range n.lanes * n.rows {
		for j := range n.x.Cols {
			f(i/n.rows, i, j)
		}
	}
}

func TestBatchNormAgainstDefinition(t *testing.T) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	rounds := 60
	if testing.Short() {
		rounds = 21 // with each pool, what is spread over all magnitudes once
	}
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 31}
		for round := range rounds {
			p := pools[round%3]
			cols := []int{1, 3, 8, 17, 33, 48}[s.Below(6)]
			rows := []int{1, 2, 7, 255, 256, 257, 600}[s.Below(7)]
			n := newNormTest(&s, 1+s.Below(4), rows, cols)
			if round%7 == 0 {
				spread(&s, n.x.Row(s.Below(n.x.Rows)))
				spread(&s, n.dy.Row(s.Below(n.x.Rows)))
				n.x.Row(0)[s.Below(cols)] = float32(math.Inf(-1))
			}
			r := Rectifier(s.Below(3))
			checkMoments(t, p, n)
			checkNorm(t, p, n, r, round%2 == 0)
			adds, results := round%2 == 0, round%2 == 0 || round%3 == 0
			checkNormSums(t, p, n, r, results)
			checkNormBack(t, p, n, r, adds, results, s.Below(2) == 0, s.Below(2) == 0)
			n.intact(t)
		}
	})
}

func checkMoments(t *testing.T, p *Pool, n *normTest) {
	mean, variance := copyOf(n.mean.Matrix), copyOf(n.variance.Matrix)
	for l := range n.lanes {
		for j := range n.x.Cols {
			at := func(i int) float32 { return n.x.Row(l*n.rows + i)[j] }
			var sum, squares float64
			naiveSums(n.rows, n.width, func(i, first int) (float32, func(float32) float32) {
				d := at(i) - at(first)
				return d, func(q float32) float32 { return FMA32(d, d, q) }
			}, func(first, count int, s, q float64) {
				d := float64(at(first)) - float64(at(0))
				moved := s + float64(float64(count)*d)
				sum += moved
				squares += q + float64(d*(s+moved))
			})
			sum /= float64(n.rows)
			mean.Row(l)[j] = float32(float64(at(0)) + sum)
			variance.Row(l)[j] = float32(max(0, squares/float64(n.rows)-float64(sum*sum)))
		}
	}
	p.BatchMoments(n.mean.Matrix, n.variance.Matrix, n.x.Matrix, n.width)
	requireSame(t, "means", n.mean.Matrix, mean)
	requireSame(t, "variances", n.variance.Matrix, variance)
}

func checkNorm(t *testing.T, p *Pool, n *normTest, r Rectifier, adds bool) {
	want := copyOf(n.y.Matrix)
	n.each(func(l, i, j int) {
		v := FMA32(n.x.Row(i)[j], n.scale.Row(l)[j], n.shift.Row(l)[j])
		if adds {
			v += n.add.Row(i)[j]
		}
		want.Row(i)[j] = r.of(v)
	})
	var add Matrix
	if adds {
		add = n.add.Matrix
	}
	p.BatchNorm(n.y.Matrix, n.x.Matrix, add, n.scale.Matrix, n.shift.Matrix, r)
	requireSame(t, "y", n.y.Matrix, want)
}

// normed is what gradients are taken from: with the results of the rectifier, or to find them from x.
func (n *normTest) normed(r Rectifier, results bool) Normed {
	from := Normed{X: n.x.Matrix, Width: n.width, R: r, Mean: n.mean.Matrix, Scale: n.scale.Matrix, Shift: n.shift.Matrix}
	if results {
		from.Y = n.y.Matrix
	}
	return from
}

// gradient is g of an element.
func (n *normTest) gradient(r Rectifier, results bool, l, i, j int) float32 {
	if results {
		return r.gradient(n.dy.Row(i)[j], n.y.Row(i)[j])
	}
	return r.gradient(n.dy.Row(i)[j], r.of(FMA32(n.x.Row(i)[j], n.scale.Row(l)[j], n.shift.Row(l)[j])))
}

func checkNormSums(t *testing.T, p *Pool, n *normTest, r Rectifier, results bool) {
	sum, product := copyOf(n.b.Matrix), copyOf(n.c.Matrix)
	for l := range n.lanes {
		for j := range n.x.Cols {
			var s, q float64
			naiveSums(n.rows, n.width, func(i, _ int) (float32, func(float32) float32) {
				g := n.gradient(r, results, l, l*n.rows+i, j)
				d := n.x.Row(l*n.rows + i)[j] - n.mean.Row(l)[j]
				return g, func(q float32) float32 { return FMA32(g, d, q) }
			}, func(_, _ int, bs, bq float64) { s, q = s+bs, q+bq })
			sum.Row(l)[j], product.Row(l)[j] = float32(s), float32(q)
		}
	}
	p.BatchNormSums(n.b.Matrix, n.c.Matrix, n.dy.Matrix, n.normed(r, results))
	requireSame(t, "sums", n.b.Matrix, sum)
	requireSame(t, "sums of products", n.c.Matrix, product)
}

func checkNormBack(t *testing.T, p *Pool, n *normTest, r Rectifier, adds, results, setX, setAdd bool) {
	dx, dadd := copyOf(n.dx.Matrix), copyOf(n.dadd.Matrix)
	n.each(func(l, i, j int) {
		g := n.gradient(r, results, l, i, j)
		if adds && setAdd {
			dadd.Row(i)[j] = float32(math.Copysign(0, -1)) // to which adding changes nothing
		}
		if setX {
			dx.Row(i)[j] = float32(math.Copysign(0, -1))
		}
		if adds {
			dadd.Row(i)[j] += g
		}
		dx.Row(i)[j] += FMA32(n.scale.Row(l)[j], g, FMA32(n.b.Row(l)[j], n.x.Row(i)[j], n.c.Row(l)[j]))
	})
	var to Matrix
	if adds {
		to = n.dadd.Matrix
	}
	p.BatchNormBack(n.dx.Matrix, to, setX, setAdd, n.dy.Matrix, n.normed(r, results), n.b.Matrix, n.c.Matrix)
	requireSame(t, "dx", n.dx.Matrix, dx)
	requireSame(t, "dadd", n.dadd.Matrix, dadd)
	if setX && !adds { // in its place
		p.BatchNormBack(n.dy.Matrix, to, setX, setAdd, n.dy.Matrix, n.normed(r, results), n.b.Matrix, n.c.Matrix)
		requireSame(t, "dx over dy", n.dy.Matrix, dx)
	}
}

// Means far from zero must not cost the variance its digits.
func TestMomentsAgainstFloat64(t *testing.T) {
	s := source{Seed: 32}
	const rows, cols = 3000, 16
	x := NewMatrix(rows, cols)
	s.Fill(x.Data)
	for i := range x.Data {
		x.Data[i] += 100
	}
	mean, variance := NewMatrix(1, cols), NewMatrix(1, cols)
	(*Pool)(nil).BatchMoments(mean, variance, x, 0)
	for j := range cols {
		var m, v float64
		for i := range rows {
			m += float64(x.Row(i)[j]) / rows
		}
		for i := range rows {
			d := float64(x.Row(i)[j]) - m
			v += d * d / rows
		}
		if math.Abs(float64(mean.Data[j])-m) > 1e-5 || math.Abs(float64(variance.Data[j])-v) > 1e-5*v {
			t.Errorf("column %d: mean %v, variance %v; want %v, %v", j, mean.Data[j], variance.Data[j], m, v)
		}
	}
}
