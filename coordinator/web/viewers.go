package web

import (
	"context"
	"sync"
	"time"
)

const (
	// pageHeader names an open page: each makes up a name of its own.
	pageHeader = "Rondo-Page"
	// viewerPatience is how long an open page may say nothing. It asks each
	// second; a hidden one rests.
	viewerPatience = 2500 * time.Millisecond
	// Bounds on what strangers can make us remember.
	maxViewers, maxViewerName = 64, 64
)

// viewers are the pages that are open, and whether each has been given the end
// of the run: its status, and the history that a page asks for next.
type viewers struct {
	mu   sync.Mutex
	all  map[string]*viewer
	told chan struct{} // gets a token when one was given the end
}

type viewer struct {
	asked          time.Time
	status, series bool // of the end were given
}

func newViewers() *viewers {
	return &viewers{all: map[string]*viewer{}, told: make(chan struct{}, 1)}
}

// gaveStatus notes that a page was given a status, perhaps the last one.
func (v *viewers) gaveStatus(name string, last bool) {
	v.gave(name, func(w *viewer) { w.status = last })
}

// gaveSeries notes that a page was given a piece of the history.
func (v *viewers) gaveSeries(name string) {
	v.gave(name, func(w *viewer) { w.series = w.status })
}

func (v *viewers) gave(name string, note func(*viewer)) {
	if name == "" || len(name) > maxViewerName {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	w := v.all[name]
	if w == nil {
		for old := range v.all {
			if now.Sub(v.all[old].asked) > viewerPatience {
				delete(v.all, old)
			}
		}
		if len(v.all) == maxViewers {
			return
		}
		w = &viewer{}
		v.all[name] = w
	}
	w.asked = now
	note(w)
	select {
	case v.told <- struct{}{}:
	default:
	}
}

// waiting is how long, at most, to wait for pages that are open and do not have
// the end yet; 0 when there is none.
func (v *viewers) waiting() (longest time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, w := range v.all {
		if !w.series {
			longest = max(longest, viewerPatience-time.Since(w.asked))
		}
	}
	return longest
}

// Linger waits until every open page has been given the end of the run, which
// the source must show by now. It waits for no longer than most, not for pages
// that have gone, and not after ctx is done.
func (s *Site) Linger(ctx context.Context, most time.Duration) {
	over := time.NewTimer(most)
	defer over.Stop()
	for {
		longest := s.viewers.waiting()
		if longest <= 0 {
			return
		}
		gone := time.NewTimer(longest)
		select {
		case <-s.viewers.told:
		case <-gone.C:
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
		gone.Stop()
	}
}
