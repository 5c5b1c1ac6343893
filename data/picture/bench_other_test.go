//go:build !unix

package picture

import "time"

var began = time.Now()

// processorTime is the clock's where the system does not tell.
func processorTime() time.Duration { return time.Since(began) }
