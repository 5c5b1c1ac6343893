package worker

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// chronicle writes the history of the run beside the checkpoints, if this is the view's first worker. Points of about a
// second are one write, which the step loop does not wait for: where the disk is too slow, or full, points are missing.
type chronicle struct {
	saver *saver
	file  *checkpoint.History // of the saver's queue

	mu     sync.Mutex
	frames []byte          // to be written, in order
	points *history.Writer // those behind the frames
	lost   bool            // frames were, and the network may have been among them
	layers layersKept      // of the step loop
	falls  fallsKept       // of the step loop
	at     uint64          // the step after which the points are

	unwritten streak
}

// maxUnwritten bounds the frames that wait for the disk.
const maxUnwritten = 1 << 20

func newChronicle(s *saver) *chronicle {
	return &chronicle{saver: s, file: checkpoint.NewHistory(s.dir), points: newPoints(),
		unwritten: streak{what: "the history of the run could not be written; training and checkpoints do not need it", level: slog.LevelWarn}}
}

// newPoints names its columns before the first points.
func newPoints() *history.Writer {
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		panic(err) // the columns are constant
	}
	return w
}

// begin says that steps follow on one: what an earlier life of the run wrote behind it counts no more.
func (c *chronicle) begin(step uint64, run *api.Run) {
	if !c.saver.first.Load() {
		return
	}
	c.mu.Lock()
	c.at = step
	c.mu.Unlock()
	frames := history.AppendCut(nil, step)
	noted, err := history.AppendNote(frames, history.Note{Run: run})
	if err != nil {
		c.saver.log.Warn("the history of the run has no run file: it is too long", "bytes", len(run.File), "dir", c.saver.dir)
		short := *run
		short.File = ""
		noted, _ = history.AppendNote(frames, history.Note{Run: &short})
	}
	c.put(noted)
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
	c.at = step
	c.mu.Unlock()
	if full {
		c.put(nil)
	}
}

// evaluated adds a pass over the held-out set.
func (c *chronicle) evaluated(r *api.Evaluated) {
	e := history.OfEvaluation(r)
	if frames, err := history.AppendNote(nil, history.Note{Evaluation: &e}); err == nil {
		c.put(frames)
	}
}

// outcome adds what the pass shows.
func (c *chronicle) outcome(r *api.Evaluated) { c.put(history.AppendOutcome(nil, r.Step, r.Outcome)) }

// keepsOutcome says whether what an evaluation shows goes into the history: of a run with many evaluations, every so many.
func keepsOutcome(f *runfile.File, step uint64) bool {
	every, steps := uint64(f.Eval.Every), uint64(f.Steps)
	if every == 0 || step >= steps {
		return true
	}
	return step/every%((steps/every+history.MaxTexts-1)/history.MaxTexts) == 0
}

// end writes what waits when a view ends; a step that came out not finite ended it.
func (c *chronicle) end(step uint64, err error) {
	if !c.saver.first.Load() {
		return
	}
	c.endLayers()
	var frames []byte
	if bad, ok := errors.AsType[*NonFiniteError](err); ok {
		c.add(step+1, history.NotFinite())
		frames = spoiledNote(step+1, bad)
	}
	c.put(frames)
}

// put has the points so far written, and more frames behind them. Where the disk does not keep up they wait for the next.
func (c *chronicle) put(more []byte) {
	c.mu.Lock()
	c.frames = append(append(c.frames, c.points.Take()...), more...)
	if len(c.frames) > maxUnwritten {
		c.frames, c.points, c.lost = nil, newPoints(), true
		c.saver.log.Debug("the disk is slow: the history of the run lacks some points")
	}
	c.mu.Unlock()
	select {
	case c.saver.queue <- c.write:
	default:
	}
}

// write writes what waits. It is called in the saver's queue.
func (c *chronicle) write() {
	c.mu.Lock()
	frames := append(c.frames, c.points.Take()...)
	c.frames = nil
	c.mu.Unlock()
	if len(frames) > 0 {
		c.note(c.saver.inOwn(byPath(func() error { return c.file.Append(frames) })))
	}
}

// flush has all on the disk, or in the store. It is called in the saver's queue.
func (c *chronicle) flush() {
	c.write()
	if err := c.saver.inOwn(byPath(c.file.Flush)); err != nil {
		c.note(err)
	}
}

// note says how writing went. Where frames are lost, the columns that the next points need may be among them, and the network
// that the next measured step needs.
func (c *chronicle) note(err error) {
	c.unwritten.note(c.saver.log, err, "dir", c.saver.dir)
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.frames = append(c.frames, c.points.Take()...)
		c.points, c.lost = newPoints(), true
	}
}

// shown is the run as the history tells of it.
func (w *worker) shown() *api.Run {
	f := w.cfg.File
	return &api.Run{ID: *w.runID.Load(), Name: f.Name, File: f.YAML(), Model: f.Model.Text(), Sample: f.Sample(), PlainLoss: !f.LossInBits(),
		Parameters: int(w.hello.Parameters), EpochSteps: w.hello.EpochSteps, DataHash: w.hello.DataHash, Version: w.hello.Version, Batch: f.Batch.Global, Length: f.RowLength(), Dir: f.Checkpoint.Dir}
}
