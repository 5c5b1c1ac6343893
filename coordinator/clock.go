package coordinator

import "time"

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
