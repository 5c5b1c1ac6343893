package coordinator

import (
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// showLinks tells of a worker's place in the ring: whom it sends to, what is on the way
// there, and what it waits for of the one before it.
func (s *state) showLinks(w *api.Worker, m *member, now time.Time) {
	if !s.inRing(m) || len(s.View.Workers) < 2 {
		return
	}
	prev, next := s.around(m)
	w.Next = next
	if to := s.byName(next); to != nil && m.Doing.Generation == s.View.Generation && to.Doing.Generation == s.View.Generation {
		w.Queued = max(m.Doing.Sent-to.Doing.Received, 0) // they are told at moments that differ a little
	}
	if l := m.Doing.Link; l != nil && m.Doing.Generation == s.View.Generation {
		w.Link = &api.Link{RTT: seconds(l.RttNs), Deviation: seconds(l.RttDeviationNs), Retransmits: l.Retransmits}
	}
	first := m.Doing.earliest()
	if !m.Doing.Blocked || first == nil || m.Doing.Generation != s.View.Generation {
		return
	}
	w.Waits = &api.Waits{On: prev, In: strings.TrimSpace(first.What), Step: first.Step, Seconds: m.Doing.lasts(first, now).Seconds()}
}

// earliest is the collective of the earliest step that a worker waits in; nil for none.
func (d *doing) earliest() *api.Await {
	if len(d.Awaits) == 0 {
		return nil
	}
	w := d.Awaits[0]
	for _, other := range d.Awaits[1:] {
		if other.Step < w.Step {
			w = other
		}
	}
	return w
}

// lasts is for how long a worker has waited in a collective.
func (d *doing) lasts(w *api.Await, now time.Time) time.Duration {
	return now.Sub(d.Told.Add(-time.Duration(w.SinceNs)))
}
