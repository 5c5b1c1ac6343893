package cmd

import (
	"slices"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// stepMeter hears of the steps of a run as they come, and measures how faults delay them.
type stepMeter struct {
	mu      sync.Mutex
	first   stepMark
	last    stepMark
	longest time.Duration // between two steps
	taken   []*takenFault
}

type stepMark struct {
	at         time.Time
	step       uint64
	generation uint64
}

// takenFault is what became of a fault.
type takenFault struct {
	kind      string
	begun     stepMark      // the last step before it
	formed    uint64        // steps done when a newer ring formed
	changed   bool          // one did
	recovered time.Duration // from the fault to the first step of that ring; 0: it has made none
}

// observe hears where the run stands. It returns the fault from which it has just recovered, if there is one.
func (m *stepMeter) observe(at time.Time, s api.Status) *takenFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := stepMark{at, s.Step, s.Generation}
	var f *takenFault
	if n := len(m.taken); n > 0 {
		f = m.taken[n-1]
	}
	if f != nil && !f.changed && now.generation > f.begun.generation {
		f.changed, f.formed = true, now.step
	}
	if now.step == m.last.step && !m.first.at.IsZero() || now.step == 0 {
		return nil
	}
	if m.first.at.IsZero() {
		m.first, m.last = now, now
		return nil
	}
	m.longest = max(m.longest, at.Sub(m.last.at))
	m.last = now
	if f == nil || !f.changed || f.recovered > 0 || now.step <= f.formed {
		return nil
	}
	f.recovered = at.Sub(f.begun.at)
	return f
}

// fault notes one.
func (m *stepMeter) fault(at time.Time, kind string, s api.Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = append(m.taken, &takenFault{kind: kind, begun: stepMark{at, s.Step, s.Generation}})
}

// rate is steps a second, from the first step to the last.
func (m *stepMeter) rate() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	seconds := m.last.at.Sub(m.first.at).Seconds()
	if seconds <= 0 {
		return 0
	}
	return float64(m.last.step-m.first.step) / seconds
}

// recoveries are the times from faults to the first steps of newer rings, from the shortest to the longest.
func (m *stepMeter) recoveries() []time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []time.Duration
	for _, f := range m.taken {
		if f.recovered > 0 {
			all = append(all, f.recovered)
		}
	}
	slices.Sort(all)
	return all
}

// quantile is the time that a share q of sorted ones come before.
func quantile(sorted []time.Duration, q float64) time.Duration {
	i := int(q * float64(len(sorted)))
	return sorted[min(i, len(sorted)-1)]
}
