package tensor

import (
	"math"
	"testing"
)

// naiveSums is the float32 sums over blocks of 256 rows, added in float64, of a column of a lane.
func naiveSums(rows int, f func(i int) (v float32, fused func(q float32) float32)) (s, q float64) {
	for r0 := 0; r0 < rows; r0 += 256 {
		var bs, bq float32
		for i := r0; i < min(rows, r0+256); i++ {
			v, fused := f(i)
			bs += v
			bq = fused(bq)
		}
		s, q = s+float64(bs), q+float64(bq)
	}
	return s, q
}

// normTest is operands of batch norm.
type normTest struct {
	lanes, rows                        int
	x, y, dy, dx, add, dadd            guarded
	mean, variance, scale, shift, c, s guarded
}

func newNormTest(s *source, lanes, rows, cols int) *normTest {
	n := &normTest{lanes: lanes, rows: rows}
	for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx, &n.add, &n.dadd} {
		*m = newGuarded(s, lanes*rows, cols, cols+s.below(2)*s.below(9))
	}
	for _, m := range []*guarded{&n.mean, &n.variance, &n.scale, &n.shift, &n.c, &n.s} {
		*m = newGuarded(s, lanes, cols, cols+s.below(2)*s.below(9))
	}
	return n
}

func (n *normTest) intact(t *testing.T) {
	for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx, &n.add, &n.dadd, &n.mean, &n.variance, &n.scale, &n.shift, &n.c, &n.s} {
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
	eachTier(t, func(t *testing.T) {
		s := source{seed: 31}
		for round := range 60 {
			p := pools[round%3]
			cols := []int{1, 3, 8, 17, 33, 48}[s.below(6)]
			rows := []int{1, 2, 7, 255, 256, 257, 600}[s.below(7)]
			n := newNormTest(&s, 1+s.below(4), rows, cols)
			if round%7 == 0 {
				spread(&s, n.x.Row(s.below(n.x.Rows)))
				spread(&s, n.dy.Row(s.below(n.x.Rows)))
				n.x.Row(0)[s.below(cols)] = float32(math.Inf(-1))
			}
			r := Rectifier(s.below(3))
			checkMoments(t, p, n)
			checkNorm(t, p, n, r, round%2 == 0)
			checkNormSums(t, p, n, r)
			checkNormBack(t, p, n, r, round%2 == 0, s.below(2) == 0, s.below(2) == 0)
			n.intact(t)
		}
	})
}

func checkMoments(t *testing.T, p *Pool, n *normTest) {
	mean, variance := copyOf(n.mean.Matrix), copyOf(n.variance.Matrix)
	for l := range n.lanes {
		for j := range n.x.Cols {
			first := n.x.Row(l * n.rows)[j]
			s, q := naiveSums(n.rows, func(i int) (float32, func(float32) float32) {
				d := n.x.Row(l*n.rows + i)[j] - first
				return d, func(q float32) float32 { return FMA32(d, d, q) }
			})
			s /= float64(n.rows)
			mean.Row(l)[j] = float32(float64(first) + s)
			variance.Row(l)[j] = float32(max(0, q/float64(n.rows)-float64(s*s)))
		}
	}
	p.BatchMoments(n.mean.Matrix, n.variance.Matrix, n.x.Matrix)
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

func checkNormSums(t *testing.T, p *Pool, n *normTest, r Rectifier) {
	sum, product := copyOf(n.shift.Matrix), copyOf(n.s.Matrix)
	for l := range n.lanes {
		for j := range n.x.Cols {
			s, q := naiveSums(n.rows, func(i int) (float32, func(float32) float32) {
				g := r.gradient(n.dy.Row(l*n.rows + i)[j], n.y.Row(l*n.rows + i)[j])
				d := n.x.Row(l*n.rows + i)[j] - n.mean.Row(l)[j]
				return g, func(q float32) float32 { return FMA32(g, d, q) }
			})
			sum.Row(l)[j], product.Row(l)[j] = float32(s), float32(q)
		}
	}
	p.BatchNormSums(n.shift.Matrix, n.s.Matrix, n.dy.Matrix, n.y.Matrix, n.x.Matrix, n.mean.Matrix, r)
	requireSame(t, "sums", n.shift.Matrix, sum)
	requireSame(t, "sums of products", n.s.Matrix, product)
}

func checkNormBack(t *testing.T, p *Pool, n *normTest, r Rectifier, adds, setX, setAdd bool) {
	dx, dadd := copyOf(n.dx.Matrix), copyOf(n.dadd.Matrix)
	n.each(func(l, i, j int) {
		g := r.gradient(n.dy.Row(i)[j], n.y.Row(i)[j])
		if adds && setAdd {
			dadd.Row(i)[j] = float32(math.Copysign(0, -1)) // to which adding changes nothing
		}
		if setX {
			dx.Row(i)[j] = float32(math.Copysign(0, -1))
		}
		if adds {
			dadd.Row(i)[j] += g
		}
		dx.Row(i)[j] += FMA32(n.scale.Row(l)[j], g, FMA32(n.shift.Row(l)[j], n.x.Row(i)[j], n.c.Row(l)[j]))
	})
	var to Matrix
	if adds {
		to = n.dadd.Matrix
	}
	p.BatchNormBackSet(n.dx.Matrix, to, setX, setAdd, n.dy.Matrix, n.y.Matrix, n.x.Matrix, n.scale.Matrix, n.shift.Matrix, n.c.Matrix, r)
	requireSame(t, "dx", n.dx.Matrix, dx)
	requireSame(t, "dadd", n.dadd.Matrix, dadd)
}

// Means far from zero must not cost the variance its digits.
func TestMomentsAgainstFloat64(t *testing.T) {
	s := source{seed: 32}
	const rows, cols = 3000, 16
	x := NewMatrix(rows, cols)
	s.fill(x.Data)
	for i := range x.Data {
		x.Data[i] += 100
	}
	mean, variance := NewMatrix(1, cols), NewMatrix(1, cols)
	(*Pool)(nil).BatchMoments(mean, variance, x)
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
