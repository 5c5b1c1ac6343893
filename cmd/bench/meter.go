package bench

import (
	"runtime"
	"time"

	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/tensor/ceiling"
)

// Meter takes the measurements.
type Meter struct {
	// Budget is about how long one measurement takes. More makes it likelier that a stretch without
	// disturbance is among those seen.
	Budget time.Duration
	// Cores is how many goroutines "all cores" are, at least 1.
	Cores int
}

// oneCore is the least time of a call on one core.
func (m Meter) oneCore(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return ceiling.Best(m.Budget, ceiling.ThreadTime, f)
}

// Work is something to measure: what a call of Run computes and moves.
type Work struct {
	Run   func()
	Flops float64 // floating-point operations; a multiply-add is two
	Bytes float64 // read from and written to memory
}

// each is the work done on every goroutine of the pool by itself: make is called once for each.
func each(pool *tensor.Pool, make func() Work) Work {
	parts := []Work{}
	total := Work{}
	for range pool.Size() {
		w := make()
		parts = append(parts, w)
		total.Flops += w.Flops
		total.Bytes += w.Bytes
	}
	if len(parts) == 1 {
		return parts[0]
	}
	total.Run = func() {
		pool.For(len(parts), 1, func(lo, hi int) {
			for _, w := range parts[lo:hi] {
				w.Run()
			}
		})
	}
	return total
}

// on measures the work that make returns for a pool: on one core, and on all.
func (m Meter) on(make func(*tensor.Pool) Work) (one, all speed) {
	runtime.GC() // not later, beside what is measured
	alone := make(tensor.NewPool(1))
	one = alone.speed(m.oneCore(alone.Run))
	if m.Cores == 1 {
		return one, one
	}
	pool := tensor.NewPool(m.Cores)
	defer pool.Close()
	together := make(pool)
	return one, together.speed(ceiling.Best(m.Budget, ceiling.WallTime, together.Run))
}

// speed is operations and bytes a nanosecond: GFLOP/s and GB/s.
type speed struct{ gflops, gbytes float64 }

func (w Work) speed(d time.Duration) speed {
	return speed{w.Flops / float64(d), w.Bytes / float64(d)}
}
