//go:build !linux

package nn

import "time"

func layerClock(int) func() time.Duration { return wallClock }
