package ceiling

import "time"

var started = time.Now()

// WallTime is the time since the program started.
func WallTime() time.Duration { return time.Since(started) }

const (
	stretch = 50 * time.Microsecond // least time between two readings of a clock: long against the reading itself
	most    = 1 << 16               // calls between two readings: a clock that stands still ends the loop
)

// Best calls f for about the budget, at least once, and returns the least time of a call. The budget is of the clock's
// time. Where the clock stands still it returns 0.
func Best(budget time.Duration, clock func() time.Duration, f func()) time.Duration {
	began := clock()
	end := began + budget
	f() // pays for memory that is touched first, and fills the caches
	if now := clock(); now-began > stretch && now >= end {
		return now - began
	}
	for least, batch := time.Duration(0), 1; ; {
		start := clock()
		for range batch {
			f()
		}
		now := clock()
		took := now - start
		if took < stretch {
			if batch *= 2; batch > most {
				return least
			}
		} else if each := took / time.Duration(batch); least == 0 || each < least {
			least = each
		}
		if least > 0 && now >= end {
			return least
		}
	}
}
