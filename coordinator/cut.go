package coordinator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Two workers between which nothing comes through are no neighbours in the views that follow: the
// ring is laid another way where four workers or more allow it, else one of the two waits outside. The pair is tried
// again after a while, each time a longer one.

// cut is such a pair.
type cut struct {
	A, B   [2]string // name and incarnation
	Until  time.Time
	Times  int
	Lapsed bool // the pair may be neighbours again
}

// How long a pair is kept apart: twice as long each time.
const (
	apart     = 20 * time.Second
	mostApart = 10 * time.Minute
)

// goRound lays the ring another way.
func (d *decision) goRound(edges []edge) {
	var texts []string
	for _, e := range edges {
		texts = append(texts, e.text(d.now))
		d.keepApart(e)
	}
	d.formView(fmt.Sprintf("%s; both ends live", strings.Join(texts, "; ")))
	for i := range d.s.Members {
		if m := &d.s.Members[i]; m.live() && !m.Leaving && !d.s.inRing(m) {
			d.note(levelWarn, "%s waits outside the ring: %s", m.Name, d.s.apartText(m, d.now))
		}
	}
}

func (d *decision) keepApart(e edge) {
	a, b := [2]string{e.from.Name, e.from.Incarnation}, [2]string{e.to.Name, e.to.Incarnation}
	list := slices.Clone(d.s.Cuts)
	i := slices.IndexFunc(list, func(c cut) bool { return c.A == a && c.B == b || c.A == b && c.B == a })
	if i < 0 {
		i, list = len(list), append(list, cut{A: a, B: b})
	}
	c := &list[i]
	if !c.Lapsed && c.Times > 0 { // the way back, too
		return
	}
	c.Until, c.Lapsed = d.now.Add(min(apart<<min(c.Times, 10), mostApart)), false
	c.Times++
	d.s.Cuts = list
}

// retryCuts lets pairs be neighbours again whose time is over.
func (d *decision) retryCuts() {
	s := &d.s
	if !slices.ContainsFunc(s.Cuts, func(c cut) bool { return !c.Lapsed && d.now.After(c.Until) }) {
		return
	}
	before := len(s.candidates())
	list := slices.Clone(s.Cuts)
	var tried []string
	for i := range list {
		if c := &list[i]; !c.Lapsed && d.now.After(c.Until) {
			c.Lapsed = true
			tried = append(tried, fmt.Sprintf("%s and %s", c.A[0], c.B[0]))
		}
	}
	// One that is not here any more will not come again.
	s.Cuts = slices.DeleteFunc(list, func(c cut) bool { return s.named(c.A) == nil || s.named(c.B) == nil })
	now := s.candidates()
	if len(now) <= before && !slices.ContainsFunc(now, func(m *member) bool { return !s.inRing(m) }) {
		return
	}
	why := "the link between " + strings.Join(tried, ", ") + " is tried again"
	if s.Phase == api.PhaseWaiting {
		d.endWaiting(why)
	} else {
		d.changeRing(why)
	}
}

func (s *state) named(id [2]string) *member {
	if m := s.byName(id[0]); m != nil && m.Incarnation == id[1] {
		return m
	}
	return nil
}

// keptApart says whether two members must not be neighbours.
func (s *state) keptApart(a, b *member) bool {
	x, y := [2]string{a.Name, a.Incarnation}, [2]string{b.Name, b.Incarnation}
	return slices.ContainsFunc(s.Cuts, func(c cut) bool { return !c.Lapsed && (c.A == x && c.B == y || c.A == y && c.B == x) })
}

// apartText says from whom a member is cut off.
func (s *state) apartText(m *member, now time.Time) string {
	id := [2]string{m.Name, m.Incarnation}
	var from []string
	var next time.Time
	for _, c := range s.Cuts {
		if c.Lapsed || c.A != id && c.B != id {
			continue
		}
		other := c.A
		if other == id {
			other = c.B
		}
		if from = append(from, other[0]); len(from) == 1 || c.Until.Before(next) {
			next = c.Until
		}
	}
	if len(from) == 0 {
		return "there is no place for it"
	}
	return fmt.Sprintf("nothing comes through between it and %s; tried again in %.0f s", listed(from), next.Sub(now).Seconds())
}

// arrange orders members so that no two are neighbours that must not be. Those for whom there is
// no such order are left out: the ones with most such pairs first. Where a worker of the ring is gone those outside it go before
// them, for they keep none of the states of its lanes.
func (s *state) arrange(chosen []*member) []*member {
	if !slices.ContainsFunc(s.Cuts, func(c cut) bool { return !c.Lapsed }) {
		return chosen
	}
	broken := s.broken()
	for len(chosen) > 1 {
		ring := slices.Clone(chosen)
		if s.untangle(ring) {
			return ring
		}
		worst, most := 0, -1
		for i, m := range chosen {
			n := 0
			for _, other := range chosen {
				if s.keptApart(m, other) {
					n++
				}
			}
			if n > 0 && broken && !s.inRing(m) {
				n += len(chosen)
			}
			if n >= most {
				worst, most = i, n
			}
		}
		chosen = slices.Delete(slices.Clone(chosen), worst, worst+1)
	}
	return chosen
}

// untangle turns parts of a ring round as long as that leaves fewer bad neighbours, and says
// whether none is left.
func (s *state) untangle(ring []*member) bool {
	n := len(ring)
	bad := func(i, j int) int {
		if s.keptApart(ring[i%n], ring[j%n]) {
			return 1
		}
		return 0
	}
	for again := true; again; {
		again = false
		left := 0
		for i := range n {
			left += bad(i, i+1)
		}
		if left == 0 {
			return true
		}
		for i := 0; i < n && !again; i++ {
			for j := i + 2; j < i+n-1 && j < n && !again; j++ {
				if bad(i, j)+bad(i+1, j+1) < bad(i, i+1)+bad(j, j+1) {
					slices.Reverse(ring[i+1 : j+1])
					again = true
				}
			}
		}
	}
	return false
}
