package coordinator

import (
	"fmt"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// All workers of a ring wait for one another: each for the one before it. Who waits
// does not tell who is at fault. Two things do: a worker that waits for nobody and yet gets nowhere, and a link into
// which more was sent than came out of it. A worker that gets on, however slowly, is never at fault.

// Times without which nobody is at fault.
const (
	stillFloor = 1500 * time.Millisecond // beyond a usual step, without a step
	stillFor   = 1250 * time.Millisecond // without progress of any worker: five heartbeats
	stillAfter = 4                       // spreads beyond a usual step
)

// standing is why a ring does not move.
type standing struct {
	still []*member // they wait for nobody and get nowhere, and others wait for them
	cuts  []edge    // nothing comes through
	knot  bool      // all wait, and no frame is under way
}

// edge is a link of the ring.
type edge struct{ from, to *member }

// due is when a step should have come.
func (s *state) due() time.Time { return s.Moved.Add(s.Usual.usual() + stillAfter*s.Usual.spread()) }

// findStuck looks for a worker or a link at which the ring is stuck while all workers live.
func (d *decision) findStuck() {
	s := &d.s
	if len(s.Suspicion.Signs) > 0 || s.Adoption.Pending || d.now.Sub(s.due()) < stillFloor {
		return
	}
	switch at := s.standing(d.now); {
	case len(at.still) > 0:
		for _, m := range at.still {
			cause := fmt.Sprintf("standing still in step %d for %.1f s while others wait for it", m.Step, d.now.Sub(m.Doing.Progressed).Seconds())
			if m.Conn != 0 {
				d.do(hangUp{m.Conn, cause + ": the others went on without it; it may join again"})
			}
			d.mourn(m, cause, signSilent)
		}
	case len(at.cuts) > 0:
		d.goRound(at.cuts)
	case at.knot:
		d.formView(fmt.Sprintf("all workers wait for one another at step %d and nothing is under way: the ring is closed anew", s.Step))
	}
}

// standing finds what the ring is stuck at. It finds nothing while any worker gets on, or says nothing: who is
// silent is no matter of links.
func (s *state) standing(now time.Time) (at standing) {
	ring := s.inView()
	if len(ring) < 2 || len(ring) != len(s.View.Workers) {
		return at
	}
	var still []*member
	waiting := 0
	for _, m := range ring {
		d := &m.Doing
		if !m.live() || m.done(s) || d.Told.IsZero() || now.Sub(m.Seen) >= time.Second || now.Sub(d.Progressed) < stillFor {
			return standing{}
		}
		switch {
		case m.waits() && d.Generation == s.View.Generation:
			waiting++
		case m.computes():
			still = append(still, m)
		case m.Doing.What != api.Doing_FINISHING:
			return standing{} // it reads or saves, and the disk may be slow
		}
	}
	if waiting == 0 {
		return at // nobody is held up by another
	}
	if len(still) > 0 {
		return standing{still: still}
	}
	for i, m := range ring {
		if e := (edge{m, ring[(i+1)%len(ring)]}); e.cut(s.View.Generation) {
			at.cuts = append(at.cuts, e)
		}
	}
	at.knot = waiting == len(ring) && len(at.cuts) == 0
	return at
}

// cut says that nothing comes through a link: more frames were sent than came, or the one
// dials and the other still waits for that.
func (e edge) cut(generation uint64) bool {
	a, b := &e.from.Doing, &e.to.Doing
	if a.Generation != generation || b.Generation != generation {
		return false
	}
	if a.Next && b.Prev {
		return a.Sent > b.Received
	}
	return !a.Next && !b.Prev
}

// text says what does not come through, and since when.
func (e edge) text(now time.Time) string {
	text := fmt.Sprintf("nothing comes through from %s to %s", e.from.Name, e.to.Name)
	if w := e.to.Doing.first(now); w != "" && e.from.Doing.Next {
		return text + ", which waits in " + w
	}
	if !e.from.Doing.Next {
		text += fmt.Sprintf(": the link has been awaited for %.1f s", now.Sub(e.from.Doing.Since).Seconds())
	}
	return text
}

// first is the collective of the earliest step that a worker waits in: "bucket 3 of step 12 for 2.1 s".
func (d *doing) first(now time.Time) string {
	w := d.earliest()
	if w == nil {
		return ""
	}
	return fmt.Sprintf("%s of step %d for %.1f s", strings.TrimSpace(w.What), w.Step, d.lasts(w, now).Seconds())
}
