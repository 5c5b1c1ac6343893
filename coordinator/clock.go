package coordinator

import (
	"sync"
	"time"
)

// Clock is where a coordinator gets the time from.
type Clock interface {
	Now() time.Time
	// Ticker sends on the channel every d until stop is called.
	Ticker(d time.Duration) (ticks <-chan time.Time, stop func())
}

// SystemClock is the machine's.
type SystemClock struct{}

// Now returns the current time.
func (SystemClock) Now() time.Time { return time.Now() }

// Ticker is time.NewTicker.
func (SystemClock) Ticker(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}

// steady is a clock that never goes back. The system's does not either, as its times hold a monotonic reading; with another one,
// that is set back, nothing would be due for as long.
type steady struct {
	Clock
	mu     sync.Mutex
	last   time.Time
	behind time.Duration // by so much the clock was set back
}

func (c *steady) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Clock.Now().Add(c.behind)
	if now.Before(c.last) {
		c.behind += c.last.Sub(now)
		now = c.last
	}
	c.last = now
	return now
}
