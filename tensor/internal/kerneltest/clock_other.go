//go:build !linux

package kerneltest

import "time"

var started = time.Now()

// threadTime is the time since the start, where the processor time of a thread cannot be had.
func threadTime() time.Duration { return time.Since(started) }
