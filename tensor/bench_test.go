package tensor

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// ceilingSpeed is that of the register-only loop, in GFLOP/s of one core.
var ceilingSpeed = sync.OnceValue(func() float64 {
	flops := 0
	return fastest(nil, func() { flops = Ceiling(tiers[active].lanes << 17) }) * float64(flops)
})

// fastest runs f while more says so (2000 times if it is nil) and returns how often a nanosecond of
// processor time it ran in the best stretch. Other users of the machine only ever slow it.
func fastest(more func() bool, f func()) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if more == nil {
		left := 2000
		more = func() bool { left--; return left > 0 }
	}
	const stretch = 50 * time.Microsecond // long against the reading of the clock
	best, n, batch := 0.0, 0, 1
	start := threadTime()
	for more() {
		f()
		if n++; n < batch {
			continue
		}
		took := threadTime() - start
		if took < stretch {
			batch *= 2
		} else {
			best = max(best, float64(n)/float64(took))
		}
		start, n = threadTime(), 0
	}
	return best
}

// measure reports the flops of f in GFLOP/s and as a share of the ceiling. f must keep to one goroutine.
func measure(b *testing.B, flops int, f func()) {
	ceiling := ceilingSpeed()
	f()
	speed := float64(flops) * fastest(b.Loop, f)
	b.ReportMetric(speed, "GFLOP/s")
	b.ReportMetric(100*speed/ceiling, "%ceiling")
}

func BenchmarkTile(b *testing.B) {
	mr, nr := active.shape()
	for _, m := range []int{1, 2, 4, mr} {
		b.Run(fmt.Sprintf("m%d", m), func(b *testing.B) {
			const k = 256
			c := random(NewMatrix(m, nr), 1)
			t := tile{c: c.Data, a: random(NewMatrix(m, k), 2).Data, acs: 1,
				b: random(NewMatrix(k, nr), 3).Data, brs: nr, k0: k, k1: 1, m: m}
			t.stride(k, nr)
			measure(b, 2*m*nr*k, func() { t.run(active) })
		})
	}
}

func BenchmarkMatMulAdd(b *testing.B) {
	for _, s := range []struct{ m, k, n int }{{1024, 1024, 1024}, {2048, 2048, 2048}, {1024, 1040, 1024}, {32, 1024, 4096}, {8, 512, 2048}, {32, 256, 1024}, {4, 512, 2048}, {512, 64, 1024}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
			p := NewPool(1)
			c, a := NewMatrix(s.m, s.n), random(NewMatrix(s.m, s.k), 1)
			var w Panels
			w.Pack(p, random(NewMatrix(s.k, s.n), 2))
			measure(b, 2*s.m*s.k*s.n, func() { p.MatMulAdd(c, a, &w) })
		})
	}
}

func BenchmarkMatMulTransAdd(b *testing.B) {
	for _, s := range []struct{ count, rows, m, n int }{{1, 1024, 1024, 1024}, {32, 8, 1024, 64}, {32, 8, 1024, 256}, {32, 8, 64, 1024}, {1, 256, 256, 1024}, {32, 8, 1020, 45}} {
		b.Run(fmt.Sprintf("%dx%d,%dx%d", s.count, s.rows, s.m, s.n), func(b *testing.B) {
			p := NewPool(1)
			step := 2 * s.rows
			blocks := func(cols int, seed uint32) Blocks {
				return Blocks{M: random(NewMatrix(step*s.count, cols), seed), Count: s.count, Rows: s.rows, Step: step}
			}
			c, x, y := NewMatrix(s.m, s.n), blocks(s.m, 1), blocks(s.n, 2)
			measure(b, 2*s.m*s.count*s.rows*s.n, func() { p.MatMulTransAdd(c, x, y) })
		})
	}
}

func BenchmarkPack(b *testing.B) {
	p := NewPool(1)
	x := random(NewMatrix(1024, 1024), 1)
	var w Panels
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(8 << 20)
		for b.Loop() {
			w.Pack(p, x)
		}
	})
	b.Run("transposed", func(b *testing.B) {
		b.SetBytes(8 << 20)
		for b.Loop() {
			w.PackTransposed(p, x)
		}
	})
}

func BenchmarkFunctions(b *testing.B) {
	x, y := make([]float32, 4096), make([]float32, 4096)
	(&source{seed: 1}).fill(x)
	Scale(x, x, 20)
	for _, f := range functions {
		b.Run(f.name, func(b *testing.B) {
			speed := fastest(b.Loop, func() { f.slice(y, x) })
			b.ReportMetric(1/speed/float64(len(x)), "ns/value")
		})
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	x, y, z, w := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	coeffs := NewAdamCoeffs(1, 1e-3, 0.9, 0.999, 1e-8, 0)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"Add", func() { Add(x, y, z) }},
		{"Axpy", func() { Axpy(x, 2, y) }},
		{"SGDStep", func() { SGDStep(x, y, z, 0.1, 0.9, 0) }},
		{"AdamStep", func() { AdamStep(x, y, z, w, coeffs) }},
		{"SumSquares", func() { SumSquares(x) }},
		{"HasNonFinite", func() { HasNonFinite(x) }},
		{"SoftmaxRow", func() { SoftmaxRow(x, y) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportMetric(1/fastest(b.Loop, f.run)/n, "ns/value")
		})
	}
}
