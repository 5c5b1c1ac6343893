package worker

import (
	"log/slog"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// tell writes lines into the journal beside the checkpoints, if this is the view's first worker. Training does not wait
// for it: where the disk is too slow, or full, lines are missing.
func (s *saver) tell(lines ...checkpoint.JournalLine) {
	if !s.first.Load() || len(lines) == 0 {
		return
	}
	select {
	case s.queue <- func() {
		s.untold.note(s.log, s.inOwn(byPath(func() error { return s.journal.Append(lines...) })), "dir", s.dir)
	}:
	default:
		s.log.Warn("the disk is slow: the journal of the run lacks a line", "step", lines[0].Step)
	}
}

func newUntold() streak {
	return streak{what: "the journal of the run could not be written; checkpoints do not need it", level: slog.LevelWarn}
}

// viewLine says who computes the lanes from a step on.
func viewLine(v *api.View, step uint64) checkpoint.JournalLine {
	view := &checkpoint.JournalView{Generation: v.Generation, Lanes: int(v.Lanes)}
	for _, p := range v.Peers {
		view.Workers = append(view.Workers, checkpoint.JournalWorker{Name: p.Name, First: int(p.FirstLane), End: int(p.EndLane)})
	}
	return checkpoint.JournalLine{Step: step, View: view}
}

// lines say what took effect with a step.
func (w wish) lines(step uint64) (list []checkpoint.JournalLine) {
	d := w.decision(step)
	if d == nil {
		return nil
	}
	if d.Lr > 0 || d.Clear {
		list = append(list, checkpoint.JournalLine{Step: step, LR: &d.Lr})
	}
	if d.Stop || d.Checkpoint {
		list = append(list, checkpoint.JournalLine{Step: step + 1, Stop: d.Stop, Checkpoint: d.Checkpoint})
	}
	return list
}
