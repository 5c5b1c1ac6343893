package coordinator

import (
	"fmt"
	"math"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Goal is what a run's number of workers is for. The zero value: as many as are of good use.
type Goal struct {
	Deadline time.Time // of the last step; zero: none
	Budget   float64   // worker-hours that the whole run may take; 0: no bound
}

// scaling is how long a step takes by the number of workers, as measured with those of now: the lanes of the worker
// with the most, one after another, and what does not depend on them.
type scaling struct {
	lanes  int
	lane   float64 // seconds
	beside float64 // seconds: the ring, reading, waiting
}

// step is the time of a step with n workers.
func (s scaling) step(n int) float64 { return s.lane*float64((s.lanes+n-1)/n) + s.beside }

// goodUse is the least share of a lone worker's speed that each of several still has, where nothing else is wanted.
const goodUse = 0.6

// deadlineSlack is by how much a run must be early before it gives workers back, so that their number does not
// go up and down.
const deadlineSlack = 0.9

// ahead is what of a run is still to be done.
type ahead struct {
	steps, all  uint64
	left        time.Duration // until the deadline
	now         int           // workers
	least, most int
}

// desired is how many workers a run should have, and why.
func (g Goal) desired(s scaling, a ahead) (n int, why string) {
	most, bound := a.most, ""
	for g.Budget > 0 && most > a.least && float64(most)*s.step(most)*float64(a.all)/3600 > g.Budget {
		most--
		bound = fmt.Sprintf(", by the budget of %g worker-hours", g.Budget)
	}
	if g.Deadline.IsZero() {
		n = a.least
		for k := a.least + 1; k <= most; k++ {
			if s.step(k) < s.step(n) && s.step(1)/(float64(k)*s.step(k)) >= goodUse {
				n = k
			}
		}
		return n, fmt.Sprintf("each of %s still has %.0f %% of a lone worker's speed%s", count(n, "worker"), 100*s.step(1)/(float64(n)*s.step(n)), bound)
	}
	best, fastest := a.least, math.Inf(1)
	for n = a.least; n <= most; n++ {
		left := a.left.Seconds()
		if n < a.now {
			left *= deadlineSlack
		}
		whole := s.step(n) * float64(a.steps)
		if whole <= left {
			return n, fmt.Sprintf("with %s %d steps take %.0f s, and the deadline is in %.0f s", count(n, "worker"), a.steps, whole, a.left.Seconds())
		}
		if s.step(n) < fastest {
			best, fastest = n, s.step(n)
		}
	}
	return best, fmt.Sprintf("the deadline is in %.0f s, and %s, the fastest%s, need %.0f s for %d steps", a.left.Seconds(), count(best, "worker"), bound,
		fastest*float64(a.steps), a.steps)
}

// Desired is how many workers the run should have, for whoever starts them; false: another coordinator is to be asked.
func (b *board) Desired() (d api.Desired, leads bool) {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.desired(now), !b.standby
}

func (b *board) desired(now time.Time) api.Desired {
	s := &b.state
	if b.standby || s.plan == nil {
		return api.Desired{}
	}
	if ended(s.Phase) {
		return api.Desired{Reason: "the run is over"}
	}
	a := ahead{steps: s.plan.Steps - min(s.Step, s.plan.Steps), all: s.plan.Steps, left: b.goal.Deadline.Sub(now), least: max(s.plan.Least, 1), most: s.plan.Most}
	if a.most == 0 {
		a.most = s.plan.Lanes
	}
	fitted := scaling{lanes: s.plan.Lanes}
	for i := range s.Members {
		m := &s.Members[i]
		p := b.paces[m.Name]
		if !m.live() {
			continue
		}
		a.now++
		if lanes := m.EndLane - m.FirstLane; p != nil && lanes > 0 && p.compute.mean()/float64(lanes) > fitted.lane {
			fitted.lane = p.compute.mean() / float64(lanes)
			fitted.beside = max(0, p.total.mean()-p.compute.mean())
		}
	}
	if fitted.lane == 0 {
		return api.Desired{Workers: s.Wanted, Reason: "no step was measured yet"}
	}
	n, why := b.goal.desired(fitted, a)
	return api.Desired{Workers: n, Reason: why}
}
