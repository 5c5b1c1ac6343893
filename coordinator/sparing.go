package coordinator

import (
	"fmt"
	"time"
)

// What sparing lets through.
const (
	newsBurst    = 20               // notes at once of what goes well
	troubleBurst = 5                // and of what does not, which people are shown in their terminal
	sparingEvery = 10 * time.Second // between notes, from then on
)

// sparing bounds a kind of note that may come with every step, of which there may be thousands a second. It lets a
// number through at once and then one now and then, which tells how many were left out.
type sparing struct {
	Paid    time.Time // up to when what was let through is paid for; each note costs sparingEvery
	LeftOut int       // since the last that was let through
}

// lets tells whether a note is let through, of so many at once. One that must be is let through always.
func (s *sparing) lets(now time.Time, burst int, must bool) bool {
	if s.Paid.Before(now) {
		s.Paid = now
	}
	if !must && s.Paid.Sub(now) > time.Duration(burst-1)*sparingEvery {
		s.LeftOut++
		return false
	}
	s.Paid = s.Paid.Add(sparingEvery)
	return true
}

// noteSparingly notes what may come with every step.
func (d *decision) noteSparingly(s *sparing, must bool, n note) {
	burst := troubleBurst
	if n.Level == levelInfo {
		burst = newsBurst
	}
	if !s.lets(d.now, burst, must) {
		return
	}
	if s.LeftOut > 0 {
		others := "others"
		if s.LeftOut == 1 {
			others = "other"
		}
		n.What += fmt.Sprintf(", and %d %s since the last that was told", s.LeftOut, others)
		s.LeftOut = 0
	}
	d.do(n)
}
