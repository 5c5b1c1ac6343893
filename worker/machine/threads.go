package machine

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
)

// limits are read once: a process keeps the threads that it began with.
var limits = sync.OnceValue(Here)

// mostThreads bounds what GOMAXPROCS may ask for.
const mostThreads = 1024

// Threads is how many goroutines compute in this process: as many as GOMAXPROCS says, or else as the limits allow.
func Threads() int {
	if n, err := strconv.Atoi(os.Getenv("GOMAXPROCS")); err == nil && n > 0 {
		return min(n, mostThreads)
	}
	return limits().Threads()
}

// heapShare is what of a memory limit Go's heap may take before its collector works harder. Stacks of threads, mapped
// files and memory shared with other workers take the rest.
const heapShare = 0.9

// HeapLimit is what Go's heap may grow to in one of so many processes of a control group; math.MaxInt64: no limit is
// set, and a machine's whole memory is none.
func (l Limits) HeapLimit(processes int) int64 {
	if l.MemoryOf == "" {
		return math.MaxInt64
	}
	return int64(heapShare*float64(l.Memory)) / int64(max(1, processes))
}

// KeepToMemory has Go's collector keep this process within its memory limit, unless GOMEMLIMIT says something else.
func KeepToMemory() {
	if most := limits().HeapLimit(1); os.Getenv("GOMEMLIMIT") == "" && most < math.MaxInt64 {
		debug.SetMemoryLimit(most)
	}
}
