package past

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// recent is how many steps the throughput of a status is the mean of, about.
const recent = 100

// Status is the run as a coordinator would show it.
func (r *Run) Status() api.Status {
	_ = r.refresh() // what was read before is shown
	r.mu.Lock()
	defer r.mu.Unlock()
	run, file := r.described()
	st := api.Status{Run: run, Now: r.now(), Next: 1, Base: 1, Workers: []api.Worker{}, Alarms: []api.Alarm{}, Journal: []api.Entry{}}
	st.Loss, st.BitsPerChar = api.Number(math.NaN()), api.Number(math.NaN())
	st.Evaluations = slices.Clone(r.past.Evaluations)
	s := r.curves().Series(history.Query{From: r.curves().Last()})
	st.Started, st.Step = s.Started, s.End
	for _, m := range r.manifests {
		st.Checkpoints = append(st.Checkpoints, r.shown(m))
		st.Step, st.Epoch = max(st.Step, m.Step), m.Epoch
	}
	ended := st.Started
	if n := len(s.Steps); n > 0 {
		ended = st.Started.Add(time.Duration(s.Seconds[n-1] * 1e9))
		st.Loss = api.Number(last(s, "loss"))
		st.BitsPerChar = st.Loss / math.Ln2
		st.LR = r.known("lr", s.End)
		st.Rate = r.rate(s.End)
	}
	if file != nil {
		st.Steps, st.Lanes = uint64(file.Steps), file.Batch.Lanes
	}
	r.phase(&st, ended)
	r.happened(&st)
	for i := range st.Evaluations {
		st.Next++
		st.Evaluations[i].Number = st.Next
	}
	for i := range st.Events {
		st.Next++
		st.Events[i].Number = st.Next
	}
	st.Base = st.Next // the whole list each time: what is read anew is numbered anew
	return st
}

// rate is the mean throughput of the newest steps up to one; 0: it is not known.
func (r *Run) rate(to uint64) float64 {
	s := r.curves().Series(history.Query{From: max(to, recent) - recent + 1, To: to, Points: 2, Columns: []string{"rate"}})
	for _, mean := range slices.Backward(s.Columns["rate"].Mean) {
		if mean > 0 { // it is not of a bucket without one
			return float64(mean)
		}
	}
	return 0
}

// known is the newest value of a column in the steps up to one; 0: it is not known. A step that came out not finite has a loss and a
// norm alone.
func (r *Run) known(column string, to uint64) float64 {
	s := r.curves().Series(history.Query{From: max(to, recent) - recent + 1, To: to, Columns: []string{column}})
	if c := s.Columns[column]; c != nil {
		for _, v := range slices.Backward(c.Last) {
			if n := api.Number(v); n.Finite() {
				return float64(n)
			}
		}
	}
	return 0
}

func last(s history.Series, column string) float64 {
	if c := s.Columns[column]; c != nil && len(c.Last) > 0 {
		return float64(c.Last[len(c.Last)-1])
	}
	return math.NaN()
}

func (r *Run) shown(m *checkpoint.Manifest) api.Checkpoint {
	c := api.Checkpoint{Step: m.Step, Digest: m.Digest, Path: objects.Join(r.dir, checkpoint.DirName(m.Step))}
	c.At = r.written[m.Step]
	for _, f := range m.Files {
		c.Bytes += f.Size
	}
	return c
}

// phase says how the run ended, as far as its traces tell.
func (r *Run) phase(st *api.Status, ended time.Time) {
	bad := !st.Loss.Finite() && r.curves().Last() > 0
	switch {
	case st.Steps > 0 && st.Step >= st.Steps && !bad:
		st.Phase, st.Reason = api.PhaseFinished, fmt.Sprintf("all %d steps are done", st.Steps)
	case st.Now.Sub(ended) < freshFor && !bad:
		st.Phase, st.Reason = api.PhaseTraining, "its history grows"
	case bad:
		st.Phase, st.Reason = api.PhaseFailed, fmt.Sprintf("step %d came out not finite", st.Step)
	default:
		st.Phase, st.Reason = api.PhaseStopped, fmt.Sprintf("it went to step %d", st.Step)
	}
	if st.Phase != api.PhaseTraining {
		st.Now = ended
	}
}

// happened tells what the journal does: views and decisions, and who was in the
// last view.
func (r *Run) happened(st *api.Status) {
	for _, l := range r.journal {
		e := api.Event{Step: l.Step, Level: "info"}
		switch {
		case l.View != nil:
			e.What = fmt.Sprintf("workers of generation %d: %d", l.View.Generation, len(l.View.Workers))
			st.Generation = l.View.Generation
			st.Workers = st.Workers[:0]
			for _, w := range l.View.Workers {
				st.Workers = append(st.Workers, api.Worker{Name: w.Name, State: string(st.Phase), FirstLane: w.First, EndLane: w.End, Step: st.Step})
			}
			st.Expected = len(st.Workers)
		case l.LR != nil:
			what := fmt.Sprintf("the learning rate is %v", *l.LR)
			if *l.LR == 0 {
				what = "the learning rate follows the schedule"
			}
			e.What = fmt.Sprintf("%s from step %d on", what, l.Step)
			st.Journal = append(st.Journal, api.Entry{Step: l.Step, What: what, LR: *l.LR})
		case l.Stop:
			e.What = fmt.Sprintf("step %d was the last before a stop", l.Step)
			st.Journal = append(st.Journal, api.Entry{Step: l.Step, What: "a stop"})
		default:
			continue
		}
		e.At = r.at(st, l.Step)
		st.Events = append(st.Events, e)
	}
	sort.SliceStable(st.Events, func(i, j int) bool { return st.Events[i].Step < st.Events[j].Step })
}

// at is when so many steps were done, as the history tells.
func (r *Run) at(st *api.Status, step uint64) time.Time {
	s := r.curves().Series(history.Query{From: max(step, 1), To: max(step, 1)})
	if len(s.Steps) == 0 {
		return st.Started
	}
	return s.Started.Add(time.Duration(s.Seconds[0] * 1e9))
}
