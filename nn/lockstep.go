package nn

import (
	"errors"
	"fmt"
	"iter"
)

// Lockstep replays the tapes of one batch beside each other in one process, where
// they need each other's batch statistics ([Tape.SyncBatchNorm]): one computes at
// a time, until it needs what another has yet to give. So they may share
// parameters and goroutines. It is for tests and checks.
type Lockstep struct {
	lanes    int
	meetings map[uint32]*meeting
	progress int
	yield    func(struct{}) bool // hands over to the other parts
}

// meeting is one gather of all parts.
type meeting struct {
	all  [][]float64 // [lanes] nil: has not come yet
	came int
	left int // lanes whose part has taken it
}

// NewLockstep returns the place where tapes that have the batch's lanes between them meet.
func NewLockstep(lanes int) *Lockstep {
	return &Lockstep{lanes: lanes, meetings: map[uint32]*meeting{}}
}

// Gatherer returns that of the tape whose first lane is lane first of the batch.
func (s *Lockstep) Gatherer(first int) Gatherer { return &lockstepPart{Lockstep: s, first: first} }

// Run runs part(0) to part(parts-1), each of which replays a tape, and returns
// the first error. A panic of one ends all.
func (s *Lockstep) Run(parts int, part func(i int) error) error {
	clear(s.meetings)
	errs := make([]error, parts)
	next, alive := make([]func() (struct{}, bool), parts), parts
	yields := make([]func(struct{}) bool, parts)
	for i := range parts {
		resume, stop := iter.Pull(func(yield func(struct{}) bool) {
			yields[i] = yield
			s.yield = yield
			errs[i] = part(i)
		})
		defer stop()
		next[i] = resume
	}
	for idle := 0; alive > 0 && idle < 2; idle++ {
		for i, resume := range next {
			if resume == nil {
				continue
			}
			before := s.progress
			s.yield = yields[i]
			if _, more := resume(); !more {
				next[i] = nil
				alive--
			}
			if s.progress != before {
				idle = 0
			}
		}
	}
	if err := errors.Join(errs...); err != nil || alive == 0 {
		return err
	}
	return fmt.Errorf("nn: %d of %d tapes wait for batch statistics that the others do not give; do all record the same operations?", alive, parts)
}

type lockstepPart struct {
	*Lockstep
	first int
}

// Gather leaves the vectors of the part's lanes.
func (p *lockstepPart) Gather(site uint32, own, all [][]float64) (Gathering, error) {
	m := p.meetings[site]
	if m == nil {
		m = &meeting{all: make([][]float64, p.lanes)}
		p.meetings[site] = m
	}
	for l, v := range own {
		if m.all[p.first+l] != nil {
			return nil, fmt.Errorf("lane %d gives its statistics twice (site %d)", p.first+l, site)
		}
		m.all[p.first+l] = append([]float64(nil), v...)
	}
	m.came += len(own)
	p.progress++
	return &lockstepWait{p, m, site, all, len(own)}, nil
}

type lockstepWait struct {
	*lockstepPart
	m    *meeting
	site uint32
	all  [][]float64
	own  int
}

// Wait lets the other parts compute until they have come.
func (w *lockstepWait) Wait() error {
	for w.m.came < w.lanes {
		if !w.yield(struct{}{}) {
			return errors.New("another tape of the batch has ended")
		}
	}
	for l, v := range w.m.all {
		copy(w.all[l], v)
	}
	w.progress++
	if w.m.left += w.own; w.m.left == w.lanes {
		delete(w.meetings, w.site)
	}
	return nil
}
