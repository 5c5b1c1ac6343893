package tensor

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// rowNormTest is operands of a norm along rows.
type rowNormTest struct {
	lanes, rows         int
	x, y, dy, dx        guarded
	sum, product        guarded
	weight, bias        []float32
	mean, scale         []float32
	centred, set, place bool
}

func newRowNormTest(s *source, lanes, rows, cols int) *rowNormTest {
	n := &rowNormTest{lanes: lanes, rows: rows, centred: s.Below(3) > 0, set: s.Below(2) == 0, place: s.Below(2) == 0}
	for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx} {
		*m = newGuarded(s, lanes*rows, cols, cols+s.Below(2)*s.Below(9))
	}
	n.sum, n.product = newGuarded(s, lanes, cols, cols), newGuarded(s, lanes, cols, cols+3)
	n.weight, n.bias = make([]float32, cols), make([]float32, cols)
	s.Fill(n.weight)
	s.Fill(n.bias)
	n.mean, n.scale = make([]float32, lanes*rows), make([]float32, lanes*rows)
	return n
}

func (n *rowNormTest) normed() RowNormed {
	return RowNormed{X: n.x.Matrix, Weight: n.weight, Bias: n.bias, Mean: n.mean, Scale: n.scale, Centred: n.centred}
}

// run computes everything.
func (n *rowNormTest) run(p *Pool) {
	p.RowNorm(n.y.Matrix, n.normed(), 1e-5)
	dx := n.dx.Matrix
	if n.place && n.set {
		dx = n.dy.Matrix
	}
	p.RowNormBack(dx, n.dy.Matrix, n.normed(), n.set, n.sum.Matrix, n.product.Matrix)
}

// definition is one row by its formulas in float64: the results and the gradient of x.
func (n *rowNormTest) definition(x, dy []float32) (h, y, dx []float64) {
	cols := float64(len(x))
	var mean, square, sum, product float64
	for _, v := range x {
		mean += float64(v) / cols
	}
	if !n.centred {
		mean = 0
	}
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean) / cols
	}
	scale := 1 / math.Sqrt(square+1e-5)
	for j, v := range x {
		h = append(h, (float64(v)-mean)*scale)
		y = append(y, h[j]*float64(n.weight[j])+float64(n.bias[j]))
		g := float64(dy[j]) * float64(n.weight[j])
		sum, product = sum+g/cols, product+g*h[j]/cols
	}
	if !n.centred {
		sum = 0
	}
	for j := range x {
		dx = append(dx, scale*(float64(dy[j])*float64(n.weight[j])-sum-h[j]*product))
	}
	return h, y, dx
}

func TestRowNormAgainstDefinition(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	s := source{Seed: 71}
	for range 60 {
		n := newRowNormTest(&s, 1+s.Below(3), []int{1, 5, 64, 65, 150}[s.Below(5)], []int{2, 8, 17, 48, 96}[s.Below(5)])
		dy, dx := copyOf(n.dy.Matrix), copyOf(n.dx.Matrix)
		n.run(p)
		got := n.dx.Matrix
		if n.place && n.set {
			got = n.dy.Matrix
		}
		far := func(what string, v float32, want, scale float64) {
			t.Helper()
			if off := math.Abs(float64(v) - want); !(off <= 1e-6*scale) {
				t.Fatalf("%dx%d, %s: %v, want %v", n.rows, n.x.Cols, what, v, want)
			}
		}
		for l := range n.lanes {
			sums, products := make([]float64, n.x.Cols), make([]float64, n.x.Cols)
			for i := l * n.rows; i < (l+1)*n.rows; i++ {
				h, y, back := n.definition(n.x.Row(i), dy.Row(i))
				for j := range h {
					far("y", n.y.Row(i)[j], y[j], max(2, float64(n.scale[i])/4)) // the mean is rounded
					want := back[j]
					if !n.set {
						want += float64(dx.Row(i)[j])
					}
					far("dx", got.Row(i)[j], want, max(10, float64(n.scale[i])*float64(n.scale[i])/2))
					sums[j] += float64(dy.Row(i)[j])
					products[j] += float64(dy.Row(i)[j]) * h[j]
				}
			}
			for j := range sums {
				far("sum", n.sum.Row(l)[j], sums[j], 10)
				far("product", n.product.Row(l)[j], products[j], 20)
			}
		}
		for _, m := range []*guarded{&n.x, &n.y, &n.dy, &n.dx, &n.sum, &n.product} {
			m.intact(t)
		}
	}
}

// everyRowNorm runs norms along rows.
func everyRowNorm(_ testing.TB, p *Pool, put func(name string, x []float32)) func() {
	var runs []*rowNormTest
	s := source{Seed: 72}
	for i, cols := range []int{3, 16, 45, 96} {
		n := newRowNormTest(&s, 3, 70*(i+1), cols)
		n.centred, n.set = i != 1, i%2 == 0
		runs = append(runs, n)
	}
	names := [...]string{"3 columns", "16 columns, not centred", "45 columns", "96 columns"}
	return func() {
		for i, n := range runs {
			p.RowNorm(n.y.Matrix, n.normed(), 1e-5)
			p.RowNormBack(n.dx.Matrix, n.dy.Matrix, n.normed(), n.set, n.sum.Matrix, n.product.Matrix)
			put("RowNorm, "+names[i], copyOf(n.y.Matrix).Data)
			put("RowNormBack, "+names[i], copyOf(n.dx.Matrix).Data)
			put("RowNormBack, sums, "+names[i], copyOf(n.sum.Matrix).Data)
			put("RowNormBack, products, "+names[i], copyOf(n.product.Matrix).Data)
		}
	}
}

func TestRowNormBitsForGood(t *testing.T) { requireBits(t, "rows", everyRowNorm) }

func TestRowNormAllocatesNothing(t *testing.T) {
	requireNoAllocations(t, func(_ testing.TB, p *Pool, _ func(string, []float32)) func() {
		s := source{Seed: 73}
		n := newRowNormTest(&s, 3, 70, 45)
		return func() { n.run(p) }
	})
}

func TestRowNormRefuses(t *testing.T) {
	s := source{Seed: 74}
	for _, spoil := range []func(n *rowNormTest){
		func(n *rowNormTest) { n.weight = n.weight[1:] },
		func(n *rowNormTest) { n.scale = n.scale[1:] },
		func(n *rowNormTest) { n.bias = n.bias[1:] },
		func(n *rowNormTest) { n.y.Cols-- },
		func(n *rowNormTest) { n.sum.Cols-- },
	} {
		n := newRowNormTest(&s, 2, 3, 4)
		n.place = false
		spoil(n)
		kerneltest.MustPanic(t, "operands that do not fit", func() { n.run(nil) })
	}
}
