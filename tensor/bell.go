package tensor

import (
	"runtime"
	"sync/atomic"
)

// bell wakes the one goroutine that waits for it. Between the kernels of a step there are few microseconds, while
// waking a goroutine whose thread sleeps takes tens of them: so who waits looks for a while before it sleeps.
type bell struct {
	state atomic.Int32
	wake  chan struct{} // holds one
}

// The states of a bell.
const (
	quiet int32 = iota
	rung
	asleep // the waiter sleeps on wake
)

// looks is how often a waiter looks before it sleeps, some 100 µs in all. It is no time, which tests may stop. Between
// looks it lets other goroutines run.
const looks = 600

func newBell() *bell { return &bell{wake: make(chan struct{}, 1)} }

// ring wakes the waiter, or lets the next to wait pass.
func (b *bell) ring() {
	if b.state.Swap(rung) == asleep {
		b.wake <- struct{}{}
	}
}

// wait returns when the bell has been rung since the last wait.
func (b *bell) wait() {
	for range looks {
		if b.state.Load() == rung {
			b.state.Store(quiet)
			return
		}
		runtime.Gosched()
	}
	if b.state.CompareAndSwap(quiet, asleep) {
		<-b.wake
	}
	b.state.Store(quiet)
}
