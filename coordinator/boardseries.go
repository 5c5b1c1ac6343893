package coordinator

import (
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// show adds the point of a step to the history. One that was shown before means
// that the run went back.
func (b *board) show(now time.Time, step uint64, values []float32) {
	last := b.series.Last()
	b.lacks = b.lacks || step > last+1
	if step <= last {
		b.kept = min(b.kept, step-1)
		b.layers.Cut(step - 1)
	}
	b.series.Cut(step - 1)
	b.series.Add(step, now, values)
}

// numbersFrom is where a coordinator that starts at a time begins to number
// events and evaluations: behind all numbers of those before it, and within
// what every reader of JSON keeps exactly.
func numbersFrom(started time.Time) uint64 {
	return uint64(max(started.Unix(), 0)) << 20
}

// Series is the history between two steps.
func (b *board) Series(q history.Query) history.Series {
	b.mu.Lock()
	h := b.series
	b.mu.Unlock()
	return h.Series(q)
}

// outcome is what an evaluation shows, and the steps of which there is one.
func (b *board) outcome(step uint64) (text []byte, steps []uint64) {
	b.mu.Lock()
	all := b.outcomes // to unpack one takes a while
	b.mu.Unlock()
	return all.At(step), all.Steps()
}

// maxRecalls is how often a coordinator asks for steps that it lacks, in a term.
const maxRecalls = 10

// lacksPast says whether there were steps that this coordinator did not see, and
// the stream of the worker that can tell of them. It says so once.
func (b *board) lacksPast() (conn uint64, yes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.lacks || b.recalled >= maxRecalls || b.standby || b.state.View.Generation == 0 {
		return 0, false
	}
	m := b.state.first()
	if m == nil || m.Conn == 0 {
		return 0, false
	}
	b.lacks = false
	b.recalled++
	return m.Conn, true
}

// stillLacksPast has lacksPast say so once more: nobody told.
func (b *board) stillLacksPast() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lacks = true
}

// remembered takes up what a run kept of itself before this coordinator saw it.
// What was seen since goes behind it.
func (b *board) remembered(past *history.Loader) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := past.History
	if h.Last() == 0 {
		return
	}
	if now := b.series.Last(); now > 0 {
		h.Cut(now)
	}
	h.Append(b.series)
	b.series = h
	past.Outcomes.Cut(max(h.Last(), b.state.Step))
	past.Outcomes.Join(b.outcomes)
	b.outcomes = past.Outcomes
	past.Layers.Cut(max(h.Last(), b.state.Step))
	b.layers.Follow(&past.Layers)
	evaluations := past.Evaluations
	for i := range evaluations {
		if e := &evaluations[i]; len(b.evaluations) > 0 && e.Step >= b.evaluations[0].Step || e.Step > max(h.Last(), b.state.Step) {
			evaluations = evaluations[:i]
			break
		}
	}
	b.keepEvaluations(append(evaluations, b.evaluations...))
	b.wake()
}

// keepEvaluations shows the newest of these, and numbers all anew: who was told
// of some before is told of all.
func (b *board) keepEvaluations(all []api.Evaluation) {
	b.evaluations = all[max(0, len(all)-maxEvaluations):]
	b.told++ // so that no number from before is as good as the new base
	b.base = b.told
	for i := range b.events {
		b.told++
		b.events[i].Number = b.told
	}
	for i := range b.evaluations {
		b.told++
		b.evaluations[i].Number = b.told
	}
}
