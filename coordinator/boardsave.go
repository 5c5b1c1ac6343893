package coordinator

import (
	"slices"
	"time"
)

// observeSave notes when a checkpoint began: with the step that it follows, or
// when the first worker had written its part.
func (b *board) observeSave(now time.Time, step uint64) {
	if _, known := b.saving[step]; known || !b.underWay(step) {
		return
	}
	if m := b.state.first(); m != nil && m.Step == step && !b.tempo.last.IsZero() {
		now = b.tempo.last
	}
	b.saving[step] = now
}

// observeCheckpoint notes that a checkpoint is committed.
func (b *board) observeCheckpoint(now time.Time, c Checkpoint) {
	b.metrics.checkpoints.Inc()
	if began, ok := b.saving[c.Step]; ok {
		b.saved = now.Sub(began)
	}
	delete(b.saving, c.Step)
}

// countAbandoned counts the checkpoints that were under way before a decision,
// are so no more, and were not committed.
func (b *board) countAbandoned(before []save) {
	for i := range before {
		step := before[i].Step
		if _, began := b.saving[step]; began && !b.underWay(step) {
			delete(b.saving, step)
			b.metrics.checkpointFailures.Inc()
		}
	}
}

func (b *board) underWay(step uint64) bool {
	return slices.ContainsFunc(b.state.Saves, func(s save) bool { return s.Step == step })
}

// kept are the checkpoints that the workers have not removed: of those that
// they write, they keep the newest, and those of every so many steps.
func (s *state) kept() (list []Checkpoint) {
	all := s.Committed
	if s.plan.Keep == 0 {
		return all
	}
	for i, c := range all {
		if every := s.plan.KeepEvery; len(all)-i <= s.plan.Keep || every > 0 && c.Step%every == 0 {
			list = append(list, c)
		}
	}
	return list
}
