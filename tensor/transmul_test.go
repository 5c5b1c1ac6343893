package tensor

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
	"pgregory.net/rapid"
)

// gather copies the rows of b, in order.
func gather(b Blocks) Matrix {
	head := b.Head.Rows
	m := NewMatrix(head+b.Count*b.Rows, b.M.Cols)
	for r := range head {
		copy(m.Row(r), b.Head.Row(r))
	}
	for g := range b.Count {
		for r := range b.Rows {
			copy(m.Row(head+g*b.Rows+r), b.M.Row(b.First+g*b.Step+r))
		}
	}
	return m
}

// lane is count groups of rows out of a strided, guarded matrix that holds others too; sometimes the first of them
// lies elsewhere.
func lane(s *source, count, rows, cols int) Blocks {
	head := newGuarded(s, rows, cols, cols+s.Below(7)).Matrix
	if rows == 0 || count == 0 || s.Below(2) == 0 {
		head = Matrix{}
	} else {
		count--
	}
	first, step := s.Below(3), rows+s.Below(4)
	m := newGuarded(s, first+count*step+s.Below(2), cols, cols+s.Below(7))
	return Blocks{M: m.Matrix, First: first, Count: count, Rows: rows, Step: step, Head: head}
}

func checkTrans(t failer, s *source, pools []*Pool, count, rows, m, n int) {
	t.Helper()
	a, b := lane(s, count, rows, m), lane(s, count, rows, n)
	c := newGuarded(s, m, n, n+s.Below(9))
	want := copyOf(c.Matrix)
	fromZero := NewMatrix(m, n)
	chains(want, transpose(gather(a)), gather(b))
	chains(fromZero, transpose(gather(a)), gather(b))
	start := append([]float32(nil), c.all()...)
	for _, p := range pools {
		copy(c.all(), start)
		p.MatMulTrans(c.Matrix, a, b)
		requireSame(t, fmt.Sprintf("from zero, %d blocks of %d rows, pool of %d", count, rows, p.Size()), c.Matrix, fromZero)
		copy(c.all(), start)
		p.MatMulTransAdd(c.Matrix, a, b)
		requireSame(t, fmt.Sprintf("%d blocks of %d rows, pool of %d", count, rows, p.Size()), c.Matrix, want)
		if p.Size() < 4 {
			u := newGuarded(s, m, 5+s.Below(300), 310)
			y := Blocks{M: newGuarded(s, 3+count*(rows+3), u.Cols, 310).Matrix, First: 2, Count: a.blocks(), Rows: rows, Step: rows + 2}
			other := copyOf(u.Matrix)
			chains(other, transpose(gather(a)), gather(y))
			copy(c.all(), start)
			p.MatMulTransBoth(a, Target{C: c.Matrix, B: b}, Target{C: u.Matrix, B: y})
			requireSame(t, "the first of both", c.Matrix, want)
			requireSame(t, "the second of both", u.Matrix, other)
			clear(other.Data)
			chains(other, transpose(gather(a)), gather(y))
			p.MatMulTransBoth(a, Target{C: c.Matrix, B: b, Fresh: true}, Target{C: u.Matrix, B: y, Fresh: true})
			requireSame(t, "the first of both, from zero", c.Matrix, fromZero)
			requireSame(t, "the second of both, from zero", u.Matrix, other)
			u.intact(t)
			copy(c.all(), start)
			p.MatMulTransAdd(c.Matrix, a, b)
		}
		for i, v := range c.all() {
			at := i - kerneltest.Guard
			inside := n > 0 && at >= 0 && at < len(c.Data) && at%c.Stride < n
			if !inside && v != start[i] {
				t.Fatalf("value %d from the start was overwritten", at)
			}
		}
	}
}

func TestMatMulTransAddAgainstDefinition(t *testing.T) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	eachTier(t, rapid.MakeCheck(func(t *rapid.T) {
		count, rows := rapid.IntRange(0, 6).Draw(t, "count"), rapid.IntRange(0, 20).Draw(t, "rows")
		m, n := rapid.IntRange(0, 40).Draw(t, "m"), rapid.IntRange(0, 70).Draw(t, "n")
		s := source{Seed: rapid.Uint32().Draw(t, "seed")}
		checkTrans(t, &s, pools, count, rows, m, n)
	}))
}

func TestMatMulTransAddLarge(t *testing.T) {
	var pools []*Pool
	for size := 1; size <= 5; size++ {
		p := NewPool(size)
		defer p.Close()
		pools = append(pools, p)
	}
	if testing.Short() {
		pools = pools[2:3]
	}
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 8}
		checkTrans(t, &s, pools, 1, 520, 20, 37) // one block cut into parts
		checkTrans(t, &s, pools, 75, 7, 250, 5)  // blocks taken several at a time
		checkTrans(t, &s, pools, 2, 260, 5, 300) // columns shared out
		checkTrans(t, &s, pools, 3, 4, 9, 1100)  // more columns than are packed at a time
	})
}

func TestColumnSumAdd(t *testing.T) {
	pools := []*Pool{nil, NewPool(2), NewPool(5)}
	defer pools[1].Close()
	defer pools[2].Close()
	rapid.Check(t, func(t *rapid.T) {
		s := source{Seed: rapid.Uint32().Draw(t, "seed")}
		a := lane(&s, rapid.IntRange(0, 40).Draw(t, "count"), rapid.IntRange(0, 40).Draw(t, "rows"),
			rapid.IntRange(0, 700).Draw(t, "cols"))
		start := make([]float32, a.M.Cols)
		s.Fill(start)
		want := append([]float32(nil), start...)
		rows := gather(a)
		for i := range rows.Rows {
			for j, v := range rows.Row(i) {
				want[j] += v
			}
		}
		for _, p := range pools {
			got := append([]float32(nil), start...)
			p.ColumnSumAdd(got, a)
			requireSame(t, fmt.Sprintf("pool of %d", p.Size()), Of(got, 1, len(got)), Of(want, 1, len(want)))
		}
	})
}

func TestBroadcastRows(t *testing.T) {
	s := source{Seed: 9}
	m := newGuarded(&s, 3, 4, 6)
	BroadcastRows(m.Matrix, []float32{1, 2, 3, 4})
	for i := range 3 {
		requireSame(t, "row", m.Slice(i, i+1), Of([]float32{1, 2, 3, 4}, 1, 4))
	}
	m.intact(t)
	BroadcastRows(Matrix{}, nil)
	kerneltest.MustPanic(t, "a short row", func() { BroadcastRows(m.Matrix, []float32{1}) })
}

func TestBlocksMisuse(t *testing.T) {
	var p *Pool
	m := NewMatrix(10, 4)
	ok := Blocks{M: m, First: 1, Count: 3, Rows: 1, Step: 4}
	p.ColumnSumAdd(make([]float32, 4), ok)
	kerneltest.MustPanic(t, "other length", func() { p.ColumnSumAdd(make([]float32, 3), ok) })
	for what, b := range map[string]Blocks{
		"past the end":        {M: m, First: 1, Count: 3, Rows: 2, Step: 4},
		"before the start":    {M: m, First: -1, Count: 1, Rows: 1},
		"more than there are": {M: m, Count: 1, Rows: 11},
		"steps too large":     {M: m, Count: 2, Rows: 1, Step: math.MaxInt},
		"a low head":          {M: m, Count: 2, Rows: 2, Step: 2, Head: NewMatrix(1, 4)},
		"a narrow head":       {M: m, Count: 2, Rows: 2, Step: 2, Head: NewMatrix(2, 3)},
	} {
		kerneltest.MustPanic(t, what, func() { p.ColumnSumAdd(make([]float32, 4), b) })
		kerneltest.MustPanic(t, what, func() { p.MatMulTransAdd(NewMatrix(4, 4), b, b) })
	}
	other := ok
	other.Count = 2
	kerneltest.MustPanic(t, "different rows", func() { p.MatMulTransAdd(NewMatrix(4, 4), ok, other) })
}
