package ceiling

import (
	"syscall"
	"time"
	"unsafe"
)

// ThreadTime is the processor time of this thread: on a machine shared with others, the honest clock.
func ThreadTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return WallTime()
	}
	return time.Duration(t.Nano())
}
