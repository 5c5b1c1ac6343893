package nn

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// layerClock returns what tells the time of a row: with one goroutine the processor
// time of its thread, which is the same however many others want the processor.
func layerClock(goroutines int) func() time.Duration {
	if goroutines > 1 {
		return wallClock
	}
	runtime.LockOSThread()
	return func() time.Duration {
		var t unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
			panic(err)
		}
		return time.Duration(t.Nano())
	}
}
