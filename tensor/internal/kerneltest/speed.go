package kerneltest

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// ceilingSpeed is that of the register-only loop, in GFLOP/s of one core.
var ceilingSpeed = sync.OnceValue(func() float64 {
	flops := 0
	return Fastest(nil, func() { flops = kernel.Ceiling(kernel.Active.Lanes() << 17) }) * float64(flops)
})

// Fastest runs f while more says so (2000 times if it is nil) and returns how often a nanosecond of
// processor time it ran in the best stretch. Other users of the machine only ever slow it.
func Fastest(more func() bool, f func()) float64 {
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

// Measure reports the flops of f in GFLOP/s and as a share of the ceiling. f must keep to one goroutine.
func Measure(b *testing.B, flops int, f func()) {
	ceiling := ceilingSpeed()
	f()
	speed := float64(flops) * Fastest(b.Loop, f)
	b.ReportMetric(speed, "GFLOP/s")
	b.ReportMetric(100*speed/ceiling, "%ceiling")
}
