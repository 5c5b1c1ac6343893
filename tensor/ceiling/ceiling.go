package ceiling

import (
	"runtime"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/tensor"
)

const (
	budget = 2 * time.Millisecond // of each thread
	piece  = 1 << 20              // operations of a call: about 10 µs on AVX-512, half a millisecond in plain Go
)

// Of returns the floating-point operations a second of so many threads at once, or of one for each processor that Go
// uses, where those are fewer.
func Of(threads int) float64 { return of(threads, ThreadTime) }

func of(threads int, clock func() time.Duration) float64 {
	speeds := make([]float64, max(1, min(threads, runtime.GOMAXPROCS(0))))
	var all sync.WaitGroup
	for i := range speeds {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			speeds[i] = one(clock)
		})
	}
	all.Wait()
	sum := 0.0
	for _, s := range speeds {
		sum += s
	}
	return sum
}

// one is the speed of the calling thread; 0 where the clock stands still.
func one(clock func() time.Duration) float64 {
	ran := 0
	least := Best(budget, clock, func() { ran = tensor.Ceiling(piece) })
	if least <= 0 {
		return 0
	}
	return float64(ran) / least.Seconds()
}
