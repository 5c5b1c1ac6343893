package tensor

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func TestForCoversEachIndexOnce(t *testing.T) {
	for size := 1; size <= 5; size++ {
		p := NewPool(size)
		for _, n := range []int{0, 1, 2, 4, 5, 17, 100} {
			for _, grain := range []int{0, 1, 3, 50, 1000} {
				seen := make([]int32, n)
				var ranges atomic.Int32
				p.For(n, grain, func(lo, hi int) {
					ranges.Add(1)
					if hi-lo < min(n, grain) {
						t.Errorf("range [%d, %d) is shorter than %d", lo, hi, grain)
					}
					for i := lo; i < hi; i++ {
						atomic.AddInt32(&seen[i], 1)
					}
				})
				for i, c := range seen {
					if c != 1 {
						t.Fatalf("size %d, n %d, grain %d: index %d was visited %d times", size, n, grain, i, c)
					}
				}
				if int(ranges.Load()) > size {
					t.Errorf("size %d: %d ranges", size, ranges.Load())
				}
			}
		}
		p.Close()
		p.Close()
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	for size := 1; size <= 4; size++ {
		p := NewPool(size)
		for at := range size {
			func() {
				defer func() {
					if got := recover(); got != fmt.Sprint("at ", at) {
						t.Errorf("size %d, range %d: recovered %v", size, at, got)
					}
				}()
				p.For(size, 1, func(lo, hi int) {
					if lo <= at && at < hi {
						panic(fmt.Sprint("at ", at))
					}
				})
			}()
		}
		done := atomic.Int32{}
		p.For(100, 1, func(lo, hi int) { done.Add(int32(hi - lo)) })
		if done.Load() != 100 {
			t.Errorf("after panics the pool did %d of 100", done.Load())
		}
		p.Close()
	}
}

func TestPoolMisuse(t *testing.T) {
	kerneltest.MustPanic(t, "NewPool(0)", func() { NewPool(0) })
	p := NewPool(2)
	kerneltest.MustPanic(t, "For within For", func() {
		p.For(2, 1, func(lo, hi int) { p.For(2, 1, func(lo, hi int) {}) })
	})
	p.Close()
	kerneltest.MustPanic(t, "For after Close", func() { p.For(2, 1, func(lo, hi int) {}) })
}

// A pool of one, and the nil pool, serve any number of goroutines at once.
func TestPoolOfOneIsShared(t *testing.T) {
	one, many := NewPool(1), NewPool(4)
	defer many.Close()
	s := source{Seed: 10}
	c, a, b := product(&s, 9, 30, 40)
	var w Panels
	w.Pack(one, b.Matrix)
	start, want := copyOf(c.Matrix), copyOf(c.Matrix)
	one.MatMulAdd(want, a.Matrix, &w)
	one.MatMulTransAdd(want, AllRows(transpose(a.Matrix)), AllRows(b.Matrix))
	many.For(4, 1, func(lo, hi int) {
		for range 50 {
			got := copyOf(start)
			one.MatMulAdd(got, a.Matrix, &w)
			one.MatMulTransAdd(got, AllRows(transpose(a.Matrix)), AllRows(b.Matrix))
			requireSame(t, "shared", got, want)
		}
	})
}

func TestSteadyCallsAllocateNothing(t *testing.T) {
	for _, size := range []int{1, 3} {
		p := NewPool(size)
		defer p.Close()
		c, a, b := NewMatrix(100, 70), random(NewMatrix(100, 300), 1), random(NewMatrix(300, 70), 2)
		at := AllRows(transpose(a))
		sums := make([]float32, 70)
		f := func(lo, hi int) {}
		g := func(lo, hi int) { Tanh(a.Data[lo:hi], a.Data[lo:hi]) }
		var w Panels
		for what, call := range map[string]func(){
			"For":            func() { p.For(1000, 1, f) },
			"For over Tanh":  func() { p.For(len(a.Data), 1, g) },
			"Pack":           func() { w.Pack(p, b) },
			"MatMulAdd":      func() { w.Pack(p, b); p.MatMulAdd(c, a, &w) },
			"MatMulTransAdd": func() { p.MatMulTransAdd(c, at, AllRows(b)) },
			"ColumnSumAdd":   func() { p.ColumnSumAdd(sums, AllRows(b)) },
			"SumSquares":     func() { SumSquares(a.Data) },
			"SumSquaresPool": func() { SumSquaresPool(p, a.Data) },
			"ScalePool":      func() { ScalePool(p, a.Data, 1) },
		} {
			call()
			if n := testing.AllocsPerRun(20, call); n != 0 {
				t.Errorf("%s with a pool of %d allocates %v times", what, size, n)
			}
		}
	}
}

// A bell that is rung while its waiter looks, after it has gone to sleep, and before it waits, is heard each time.
func TestBell(t *testing.T) {
	there, back := newBell(), newBell()
	var said int
	go func() {
		for range 2000 {
			there.wait()
			said++
			back.ring()
		}
	}()
	for i := range 2000 {
		for range i % 50 * looks / 25 {
			runtime.Gosched()
		}
		there.ring()
		for range i % 3 * looks {
			runtime.Gosched()
		}
		back.wait()
		if said != i+1 {
			t.Fatalf("heard %d of %d", said, i+1)
		}
	}
}
