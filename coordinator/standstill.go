package coordinator

import (
	"slices"
	"time"
)

// When a run stands still. What is usual is learnt from the run's own steps:
// their median, how far they spread about it, and the longest of them, so there
// is nothing to set for slow runs or fast ones.
const (
	standWindow = 64              // steps that tell what is usual
	standFloor  = 3 * time.Second // machines pause for shorter times
	standTimes  = 5               // times the median, or the longest evaluation
	standSpread = 10              // deviations above the median
	standRare   = 2               // times the longest of the window
)

// standstill watches whether steps come as they usually do. The time of an
// evaluation, known to follow certain steps, is judged by earlier ones; the
// first may take as long as it needs.
type standstill struct {
	moved      time.Time       // of the last step or evaluation
	ticked     time.Time       // of the last look
	steps      []time.Duration // between the last steps, in no order
	next       int             // where the next goes
	evaluating bool            // an evaluation is under way
	evaluation time.Duration   // of the longest one
}

// step notes a step that took so long by its worker's own account, and whether
// an evaluation follows it.
func (p *standstill) step(now time.Time, took time.Duration, evaluates bool) {
	if !p.moved.IsZero() {
		took = now.Sub(p.moved)
	}
	// A pause that was too long is learnt by degrees: one alone changes little,
	// and one that comes again and again is usual.
	if took > standFloor {
		if most := p.limit(); most > 0 {
			took = min(took, most*standRare)
		}
	}
	if len(p.steps) < standWindow {
		p.steps = append(p.steps, took)
	} else {
		p.steps[p.next] = took
	}
	p.next = (p.next + 1) % standWindow
	p.moved, p.evaluating = now, evaluates
}

// evaluated notes that an evaluation is over.
func (p *standstill) evaluated(now time.Time) {
	if p.evaluating {
		p.evaluation = max(p.evaluation, now.Sub(p.moved))
	}
	p.moved, p.evaluating = now, false
}

// tick notes that the coordinator looks at its clock. After a time in which it
// stood still itself it knows nothing of others.
func (p *standstill) tick(now time.Time) {
	if gap := now.Sub(p.ticked); !p.ticked.IsZero() && gap > stall && !p.moved.IsZero() {
		p.moved = p.moved.Add(gap)
	}
	p.ticked = now
}

// usual is the median of the last steps.
func (p *standstill) usual() time.Duration {
	if len(p.steps) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(p.steps))
	return sorted[len(sorted)/2]
}

// limit is how long nothing may happen; 0 while that cannot be told.
func (p *standstill) limit() time.Duration {
	if len(p.steps) == 0 || (p.evaluating && p.evaluation == 0) {
		return 0
	}
	median := p.usual()
	away := make([]time.Duration, len(p.steps))
	for i, d := range p.steps {
		away[i] = (d - median).Abs()
	}
	slices.Sort(away)
	most := max(standFloor, standTimes*median, median+standSpread*away[len(away)/2], standRare*slices.Max(p.steps))
	if p.evaluating {
		most = max(most, standTimes*p.evaluation)
	}
	return most
}

// since is when the last thing happened, if that is too long ago.
func (p *standstill) since(now time.Time) (since time.Time, stands bool) {
	if now.Sub(p.moved) <= standFloor {
		return p.moved, false
	}
	most := p.limit()
	return p.moved, most > 0 && now.Sub(p.moved) > most
}
