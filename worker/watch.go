package worker

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Workers do the same arithmetic on the same sums, and only a new one copies weights from the others. Where one has other
// bits all the same, its memory or its processor has failed it, and each gradient that it computes since has been wrong.
// So they compare marks of what they hold every watch.every steps, and before every checkpoint: what a checkpoint keeps
// is what all agreed on, and a run that goes back to it has lost nothing.

// DivergedError says that workers hold other weights after the same steps.
type DivergedError struct {
	Step    uint64 // steps applied
	Where   string // the first tensor that differs
	Workers []int  // those with other bits than most have; where none are most, all
	Names   []string
	Of      int  // workers in the ring
	Sure    bool // most have the same bits
	Own     bool // this worker is one of Workers
}

func (e *DivergedError) Error() string {
	who := strings.Join(e.Names, ", ")
	if !e.Sure {
		return fmt.Sprintf("after step %d %s hold other bits of %s, and it cannot be told who is right: the memory or the processor of one has failed",
			e.Step, who, e.Where)
	}
	verb := "hold"
	if len(e.Workers) == 1 {
		verb = "holds"
	}
	return fmt.Sprintf("after step %d %s %s other bits of %s than the other %d of %d workers: memory or processor failed there",
		e.Step, who, verb, e.Where, e.Of-len(e.Workers), e.Of)
}

// blamed is who is wrong, for the report of a worker: itself, if it is one of them; empty where that cannot be told.
func (e *DivergedError) blamed(self string) string {
	switch {
	case !e.Sure:
		return ""
	case e.Own:
		return self
	}
	return e.Names[0]
}

// watch compares the weights after so many steps with those of the other workers, if it is time, and tells the journal
// of them. What a checkpoint holds beside them is compared before it is saved.
func (w *worker) watch(step uint64, saves bool) error {
	if !saves && !due(step, w.cfg.File.Watch.Every) {
		return nil
	}
	marks, err := w.trainer.compare(w.seat.group, step, saves)
	if d, ok := errors.AsType[*DivergedError](err); ok {
		for _, i := range d.Workers {
			d.Names = append(d.Names, w.seat.view.Peers[i].Name)
		}
	}
	if err == nil {
		w.saver.tell(checkpoint.JournalLine{Step: step, Mark: markText(marks)})
	}
	return err
}

// compare returns the marks of the weights, and a *DivergedError unless all workers hold the same weights, and with state
// the same optimizer.
func (t *trainer) compare(group *allreduce.Group, step uint64, state bool) (weights []uint64, err error) {
	tensors := t.params.Tensors()
	weights = t.marks(tensors)
	if group.View().Workers() == 1 || t.file.MixedTiers { // those round otherwise, each by itself
		return weights, nil
	}
	marks := weights
	if state {
		// Some may have told a plateau of this step's evaluation before the ring broke.
		held := slices.DeleteFunc(t.updater.tensors(), func(x safetensors.Tensor) bool { return x.Name == plateauName })
		tensors, marks = append(tensors, held...), append(marks, t.marks(held)...)
	}
	whole := markAll(marks)
	same, err := t.gatherMarks(group, step, tagWatch, []uint64{whole})
	if err != nil || !slices.ContainsFunc(same, func(m []uint64) bool { return m[0] != whole }) {
		return weights, err
	}
	all, err := t.gatherMarks(group, step, tagWatchEach, marks)
	if err != nil {
		return weights, err
	}
	return weights, blameDiverged(step, group.Self(), all, tensors)
}

// gatherMarks brings the marks of each worker to all.
func (t *trainer) gatherMarks(group *allreduce.Group, step uint64, tag uint32, marks []uint64) ([][]uint64, error) {
	view := group.View()
	own, all := vectors(t.lanes.count(), 2*len(marks)), vectors(view.Lanes, 2*len(marks))
	for _, lane := range own {
		for i, m := range marks { // halves, which a float64 holds
			lane[2*i], lane[2*i+1] = float64(m>>32), float64(uint32(m))
		}
	}
	if err := group.Gather(step, tag, own, all); err != nil {
		return nil, err
	}
	byWorker := make([][]uint64, view.Workers())
	for w := range byWorker {
		first, _ := view.LanesOf(w)
		for i := range marks {
			byWorker[w] = append(byWorker[w], uint64(all[first][2*i])<<32|uint64(all[first][2*i+1]))
		}
	}
	return byWorker, nil
}

// blameDiverged finds who holds other bits than most do. Everybody comes to the same.
func blameDiverged(step uint64, self int, marks [][]uint64, tensors []safetensors.Tensor) error {
	e := &DivergedError{Step: step, Of: len(marks)}
	right := -1
	for w, m := range marks {
		n := 0
		for _, other := range marks {
			if slices.Equal(m, other) {
				n++
			}
		}
		if 2*n > len(marks) {
			right, e.Sure = w, true
			break
		}
	}
	compared := marks[max(right, 0)]
	at := len(tensors)
	for w, m := range marks {
		if !e.Sure || !slices.Equal(m, compared) {
			e.Workers = append(e.Workers, w)
			e.Own = e.Own || w == self
		}
		for i := range m {
			if m[i] != compared[i] {
				at = min(at, i)
			}
		}
	}
	if at < len(tensors) {
		e.Where = tensors[at].Name
	}
	return e
}
