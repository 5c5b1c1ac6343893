package coordinator

import (
	"math"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Status is the run as it is now.
func (b *board) Status() api.Status {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.state
	st := api.Status{Run: b.run, Phase: s.Phase, Reason: s.Reason, Now: now, Started: b.started,
		Step: s.Step, Epoch: s.Epoch, Generation: s.Generation,
		Workers: []api.Worker{}, Journal: []api.Entry{}, Checkpoints: []api.Checkpoint{}, Alarms: []api.Alarm{},
		Base: b.base, Next: b.told, Whole: true,
		Evaluations: append([]api.Evaluation{}, b.evaluations...), Events: append([]api.Event{}, b.events...)}
	if b.standby {
		st.Phase, st.Reason, st.Step, st.Epoch, st.Generation = api.PhaseStandby, b.waits, 0, 0, 0
		return st
	}
	st.Steps, st.Lanes, st.Expected = s.plan.Steps, s.plan.Lanes, s.Wanted
	st.Why = s.why(now)
	if b.doubt {
		st.Why = strings.TrimSuffix(doubtText+"; "+st.Why, "; ")
	}
	if st.Why != "" {
		for _, a := range b.heldBack() {
			st.Why += "; " + a.What
		}
	}
	st.Alarms = b.list(now)
	if r := b.newest; r != nil {
		st.Loss, st.BitsPerChar, st.LR = api.Number(r.Loss), api.Number(r.Loss/math.Ln2), r.Lr
		st.Rate = b.rate(now)
	}
	if !ended(s.Phase) && st.Steps > st.Step && st.Rate > 0 {
		st.SecondsLeft = b.secondsLeft(now)
	}
	for i := range s.Members {
		st.Workers = append(st.Workers, b.worker(now, &s.Members[i]))
	}
	st.Journal = append(st.Journal, s.entries()...)
	for _, c := range s.kept() {
		st.Checkpoints = append(st.Checkpoints, api.Checkpoint(c))
	}
	return st
}

// rate is targets per second; 0 while training stands still.
func (b *board) rate(now time.Time) float64 {
	if _, stands := b.standing(now); stands {
		return 0
	}
	return b.tempo.rate()
}

// secondsLeft guesses from the recent steps by the clock, and counts down
// between reports.
func (b *board) secondsLeft(now time.Time) float64 {
	if b.newest == nil {
		return 0
	}
	left := float64(b.state.plan.Steps-b.state.Step)*b.tempo.step.mean() - now.Sub(b.tempo.last).Seconds()
	return max(left, 0)
}

func (b *board) worker(now time.Time, m *member) api.Worker {
	w := api.Worker{Name: m.Name, Host: m.Host, PID: int(m.PID), State: m.State, Cause: m.Cause,
		FirstLane: m.FirstLane, EndLane: m.EndLane, Step: m.Step, Tier: m.Tier, Threads: int(m.Threads), Seen: m.Seen}
	if m.Conn != 0 && !ended(b.state.Phase) {
		w.Doing = b.state.doingText(m, now)
		w.Throttled = b.alarms.throttled[m.Name].share
		w.Memory, w.Limit = m.Doing.Memory, m.Doing.Limit
		b.state.showLinks(&w, m, now)
	}
	if p := b.paces[m.Name]; p != nil {
		w.Compute, w.Ring, w.Wait = p.compute.mean(), p.ring.mean(), p.wait.mean()
		w.Data, w.Total, w.Heap = p.data.mean(), p.total.mean(), p.heap
		w.Sent = ratio(p.sent.mean(), p.total.mean())
		w.Operations, w.Ceiling = p.operations.mean(), m.Doing.Ceiling
		w.Share = ratio(p.speed(), w.Ceiling)
		if s := b.alarms.slow[m.Name]; s.told {
			w.Slow = s.times
		}
	}
	return w
}
