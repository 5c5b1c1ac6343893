package worker

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// chronicle writes the history of the run beside the checkpoints, if this is the view's first worker. Points of about a
// second are one write, which the step loop does not wait for: where the disk is too slow, or full, points are missing.
type chronicle struct {
	saver *saver
	file  *checkpoint.History // of the saver's queue

	mu     sync.Mutex
	points *history.Writer

	unwritten streak
}

func newChronicle(s *saver) *chronicle {
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		panic(err) // the columns are constant
	}
	return &chronicle{saver: s, file: checkpoint.NewHistory(s.dir), points: w,
		unwritten: streak{what: "the history of the run could not be written; training and checkpoints do not need it", level: slog.LevelWarn}}
}

// begin says that steps follow on one: what an earlier life of the run wrote behind it counts no more.
func (c *chronicle) begin(step uint64, run *api.Run) {
	c.take() // of a view in which this worker was the first, too, and which has written it
	if !c.saver.first.Load() {
		return
	}
	frames := history.AppendCut(nil, step)
	if noted, err := history.AppendNote(frames, history.Note{Run: run}); err == nil { // one that is too long is left out
		frames = noted
	}
	c.put(frames)
}

// step adds the point of an applied step.
func (c *chronicle) step(r *api.StepReport) {
	if c.saver.first.Load() {
		c.add(r.Step+1, history.OfStep(r))
	}
}

func (c *chronicle) add(step uint64, values []float32) {
	c.mu.Lock()
	full := c.points.Add(step, time.Now(), values)
	c.mu.Unlock()
	if full {
		c.put(c.take())
	}
}

// evaluated adds a pass over the held-out set.
func (c *chronicle) evaluated(r *api.Evaluated) {
	e := history.OfEvaluation(r)
	if frames, err := history.AppendNote(c.take(), history.Note{Evaluation: &e}); err == nil {
		c.put(frames)
	}
}

// end writes what waits when a view ends; a step that came out not finite ended it.
func (c *chronicle) end(step uint64, err error) {
	if !c.saver.first.Load() {
		return
	}
	if _, ok := errors.AsType[*NonFiniteError](err); ok {
		c.add(step+1, history.NotFinite())
	}
	c.put(c.take())
}

func (c *chronicle) take() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.points.Take()
}

// put has frames written, if the disk keeps up.
func (c *chronicle) put(frames []byte) {
	if len(frames) == 0 {
		return
	}
	select {
	case c.saver.queue <- func() { c.note(c.file.Append(frames)) }:
	default:
		c.saver.log.Debug("the disk is slow: the history of the run lacks some points")
	}
}

// flush writes what waits. It is called in the saver's queue.
func (c *chronicle) flush() {
	if frames := c.take(); len(frames) > 0 {
		c.note(c.file.Append(frames))
	}
	if err := c.file.Flush(); err != nil {
		c.note(err)
	}
}

func (c *chronicle) note(err error) { c.unwritten.note(c.saver.log, err, "dir", c.saver.dir) }

// shown is the run as the history tells of it.
func (w *worker) shown() *api.Run {
	f := w.cfg.File
	return &api.Run{ID: *w.runID.Load(), Name: f.Name, File: f.YAML(), Model: f.Model.Text(), Sample: f.Sample(), PlainLoss: !f.LossInBits(),
		Parameters: int(w.hello.Parameters), DataHash: w.hello.DataHash, Version: w.hello.Version, Batch: f.Batch.Global, Length: f.RowLength(), Dir: f.Checkpoint.Dir}
}
