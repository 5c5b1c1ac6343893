package machine

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Allowed are the processors on which this process may run, in order.
func Allowed() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	return processorsOf(&set)
}

func processorsOf(set *unix.CPUSet) (list []int) {
	for n := 0; n < 64*len(set); n++ {
		if set.IsSet(n) {
			list = append(list, n)
		}
	}
	return list
}

// On calls f, which starts a process, such that the process runs on these processors alone: it inherits them from
// the thread that starts it. Without a list, or where the system refuses, it runs on all that this process may use.
func On(processors []int, f func() error) error {
	var own, set unix.CPUSet
	for _, p := range processors {
		set.Set(p)
	}
	if len(processors) == 0 || unix.SchedGetaffinity(0, &own) != nil {
		return f()
	}
	runtime.LockOSThread()
	if unix.SchedSetaffinity(0, &set) == nil {
		defer func() {
			if unix.SchedSetaffinity(0, &own) == nil { // otherwise the thread ends with its goroutine
				runtime.UnlockOSThread()
			}
		}()
	} else {
		defer runtime.UnlockOSThread()
	}
	return f()
}
