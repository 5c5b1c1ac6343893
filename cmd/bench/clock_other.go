//go:build !linux

package bench

import "time"

// threadTime is the time since the start, where the processor time of a thread cannot be had.
func threadTime() time.Duration { return wallTime() }
