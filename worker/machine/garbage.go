package machine

import (
	"os"
	"runtime/debug"
)

// Garbage bounds what Go's collector leaves lying in a process whose memory is mostly a few large arrays: it would wait until as much
// lies there as is in use. A collection costs next to nothing there, as arrays of numbers are not looked through. The zero value
// is ready for use. It is not for concurrent use.
type Garbage struct {
	percent int // of what is in use, as was set; 0: nothing was
}

// Of a small heap as much may lie there as Go has it by itself, of a large one this much, or this part where that is more.
const (
	mostGarbage  = 32 << 20
	leastPercent = 4
)

// Bound sees how large the heap is, in bytes. Where GOGC is set it does nothing.
func (g *Garbage) Bound(heap int64) {
	was, want := g.percent, garbagePercent(heap)
	if was == 0 {
		was = wholePercent
	}
	if 4*want > 3*was && 3*want < 4*was {
		return // about as it was, and to set it stops all goroutines for a moment
	}
	g.percent = want
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(want)
	}
}

// wholePercent is Go's own rule.
const wholePercent = 100

// garbagePercent is what the collector is to leave of a heap of so many bytes.
func garbagePercent(heap int64) int {
	return int(min(wholePercent, max(leastPercent, wholePercent*mostGarbage/max(1, heap))))
}
