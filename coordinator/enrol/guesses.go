package enrol

import (
	"sync"
	"time"
)

// Wrong proofs that an address may send: some at once, and then one a second.
const (
	guessesAtOnce = 10
	guessEvery    = time.Second
	guessers      = 4096 // addresses that are remembered
)

// guesses counts wrong proofs by address. A random secret is found by nobody in this way; the limit keeps those who try
// from using up the processor, and the log.
type guesses struct {
	mu   sync.Mutex
	free map[string]time.Time // when an address has all its guesses again
}

// wait is how long an address has no guess left.
func (g *guesses) wait(group string, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.free[group].Add(-(guessesAtOnce-1)*guessEvery).Sub(now))
}

// wrong takes a guess from an address.
func (g *guesses) wrong(group string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.free) >= guessers {
		for other, free := range g.free {
			if !free.After(now) {
				delete(g.free, other)
			}
		}
		if len(g.free) >= guessers { // all of them guess
			clear(g.free)
		}
	}
	if g.free == nil {
		g.free = map[string]time.Time{}
	}
	from := g.free[group]
	if from.Before(now) {
		from = now
	}
	g.free[group] = from.Add(guessEvery)
}
