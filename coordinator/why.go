package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// What is said of a ring that does not move.
const (
	lateAfter = 750 * time.Millisecond // beyond a usual step
	quietFor  = time.Second            // four heartbeats
	maxTold   = 8                      // workers of whom it is said what they do
)

// why says why a run does not move; empty while steps come as usual.
func (s *state) why(now time.Time) string {
	if s.plan == nil || ended(s.Phase) || !s.begun() {
		return ""
	}
	var lines []string
	if s.Phase != api.PhaseWaiting && now.Sub(s.due()) >= lateAfter {
		lines = append(lines, s.whyLate(now))
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.live() && !s.inRing(m) && !m.Leaving && s.Phase != api.PhaseWaiting {
			lines = append(lines, fmt.Sprintf("%s waits outside the ring: %s", m.Name, s.apartText(m, now)))
		}
	}
	return strings.Join(lines, "; ")
}

// whyLate says what the workers of the ring wait for. What a ring is stuck at comes first.
func (s *state) whyLate(now time.Time) string {
	text := fmt.Sprintf("no step for %.1f s", now.Sub(s.Moved).Seconds())
	if usual := s.Usual.usual(); usual > 0 {
		text += ", where one usually takes " + spoken(usual)
	}
	if s.Adoption.Pending {
		return text + ": " + s.Reason
	}
	var each []string
	at := s.standing(now)
	for _, e := range at.cuts {
		each = append(each, e.text(now))
	}
	for _, m := range at.still {
		each = append(each, fmt.Sprintf("%s stands still in step %d for %.1f s", m.Name, m.Step, now.Sub(m.Doing.Progressed).Seconds()))
	}
	for _, m := range s.byBlame(now) {
		if len(each) == maxTold {
			each = append(each, "and so on")
			break
		}
		each = append(each, m.Name+" "+s.doingText(m, now))
	}
	return text + ": " + strings.Join(each, "; ")
}

// byBlame are the workers of the ring, those first that hold up the others: who is not heard, then who does something, and
// last those that wait for them.
func (s *state) byBlame(now time.Time) []*member {
	rank := func(m *member) int {
		switch {
		case m.State == memberLost || m.Away || now.Sub(m.Seen) >= quietFor:
			return 0
		case m.done(s) || m.waits() || m.Doing.What == api.Doing_IDLE:
			return 2
		}
		return 1
	}
	members := s.inView()
	slices.SortStableFunc(members, func(a, b *member) int { return cmp.Compare(rank(a), rank(b)) })
	return members
}

// doingText is what a worker does: "waits for worker-0 in bucket 3 of step 12 for 2.1 s".
func (s *state) doingText(m *member, now time.Time) string {
	d := &m.Doing
	span := fmt.Sprintf("for %.1f s", now.Sub(d.Since).Seconds())
	switch quiet := now.Sub(m.Seen); {
	case m.State == memberLost:
		return "is lost: " + m.Cause
	case m.Away:
		return fmt.Sprintf("has had no stream for %.1f s", quiet.Seconds())
	case quiet >= quietFor:
		return fmt.Sprintf("has said nothing for %.1f s", quiet.Seconds())
	case d.Told.IsZero():
		return "has not told yet what it does"
	}
	prev, next := s.around(m)
	if d.Blocked && s.inRing(m) {
		if at := d.first(now); at != "" && d.Generation == s.View.Generation {
			return fmt.Sprintf("waits for %s in %s", prev, at)
		}
		return "waits for the ring " + span
	}
	switch d.What {
	case api.Doing_IDLE:
		return "waits for the next ring " + span
	case api.Doing_CONNECTING:
		return "closes the ring " + span + linksText(d, prev, next)
	case api.Doing_LOADING:
		return "loads the weights " + span
	case api.Doing_BRINGING:
		return "takes over where the ring stood " + span
	case api.Doing_EVALUATING:
		return fmt.Sprintf("evaluates after step %d %s", m.Step, span)
	case api.Doing_SAVING:
		return fmt.Sprintf("waits after step %d %s for the disk to take its last checkpoint", m.Step, span)
	case api.Doing_FINISHING:
		return "is done and waits for the others " + span
	}
	return fmt.Sprintf("computes step %d %s", m.Step, span)
}

func linksText(d *doing, prev, next string) string {
	switch {
	case !d.Next && !d.Prev:
		return fmt.Sprintf(": it dials %s and waits for %s", next, prev)
	case !d.Next:
		return ": it dials " + next
	case !d.Prev:
		return ": it waits for " + prev
	}
	return ""
}

// around are the names of a worker's neighbours.
func (s *state) around(m *member) (prev, next string) {
	n, at := len(s.View.Workers), s.placeOf(m)
	if at < 0 || n == 0 {
		return "nobody", "nobody"
	}
	return s.View.Workers[(at+n-1)%n].Name, s.View.Workers[(at+1)%n].Name
}
