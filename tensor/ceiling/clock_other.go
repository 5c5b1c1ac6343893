//go:build !linux

package ceiling

import "time"

// ThreadTime is the time since the start, where the processor time of a thread cannot be had.
func ThreadTime() time.Duration { return WallTime() }
