package ceiling

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// Calls are counted against a clock that the work itself moves.
func TestBest(t *testing.T) {
	var now time.Duration
	clock := func() time.Duration { return now }
	took := []time.Duration{900, 700, 300, 500} // µs
	calls := 0
	got := Best(0, clock, func() {
		now += took[min(calls, len(took)-1)] * time.Microsecond
		calls++
	})
	if got != 900*time.Microsecond || calls != 1 {
		t.Errorf("over the budget in the first call: %v after %d calls", got, calls)
	}
	now, calls = 0, 0
	got = Best(1500*time.Microsecond, clock, func() {
		now += took[min(calls, len(took)-1)] * time.Microsecond
		calls++
	})
	if got != 700*time.Microsecond || calls != 2 {
		t.Errorf("over the budget in the second call, the first does not count: %v after %d calls", got, calls)
	}
	// Short calls are timed in batches, and the division is exact.
	now, calls = 0, 0
	got = Best(time.Millisecond, clock, func() { now += 3 * time.Microsecond; calls++ })
	if got != 3*time.Microsecond || calls < 32 {
		t.Errorf("short calls: %v after %d calls", got, calls)
	}
}

// A clock that stands still ends no program.
func TestBestWithoutTime(t *testing.T) {
	calls := 0
	if got := Best(time.Millisecond, func() time.Duration { return 7 }, func() { calls++ }); got != 0 || calls < 1000 {
		t.Errorf("%v after %d calls", got, calls)
	}
}

// The speeds of the threads add up, of no more threads than there are processors.
func TestOf(t *testing.T) {
	want := map[int]float64{}
	for _, threads := range []int{1, 2, 1000} {
		var readings atomic.Int64 // each is a millisecond after the one before: a call takes as long
		got := of(threads, func() time.Duration { return time.Duration(readings.Add(1)) * time.Millisecond })
		want[threads] = got
		if got <= 0 {
			t.Errorf("%d threads: %v operations a second", threads, got)
		}
	}
	procs := runtime.GOMAXPROCS(0)
	if most := 1.5 * float64(procs) * want[1]; want[1000] > most {
		t.Errorf("1000 threads on %d processors: %v operations a second, of one thread %v", procs, want[1000], want[1])
	}
	if procs == 1 && want[2] != want[1] {
		t.Errorf("two threads on one processor: %v, of one %v", want[2], want[1])
	}
}
