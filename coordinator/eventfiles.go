package coordinator

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/tensorboard"
)

const (
	eventsEvery  = time.Second // event files grow so often while steps come
	eventsAtOnce = 4096        // steps between two writes
)

// eventFile is what this coordinator sees of a run, for TensorBoard.
type eventFile struct {
	w         *tensorboard.Writer
	step      uint64 // of the last point that was written
	evaluated uint64 // step of the last evaluation
}

// writeEvents follows the run in an event file until ctx is done. Nothing
// depends on it: where it cannot be written that is said, once.
func (c *Coordinator) writeEvents(ctx context.Context) {
	w, file, err := tensorboard.Create(c.cfg.TensorBoard, c.cfg.Clock.Now())
	if err != nil {
		c.cfg.Log.Warn("there are no event files for TensorBoard", "error", err)
		return
	}
	defer file.Close()
	changed, cancel := c.board.watch()
	defer cancel()
	tick, stop := c.cfg.Clock.Ticker(eventsEvery)
	defer stop()
	e := &eventFile{w: w}
	w.Text(c.cfg.Clock.Now(), 0, "run file", "    "+strings.ReplaceAll(c.cfg.Run.YAML(), "\n", "\n    "))
	for ctx.Err() == nil {
		if e.follow(c.board) != nil {
			c.cfg.Log.Warn("event files for TensorBoard cannot be written any more", "dir", c.cfg.TensorBoard)
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	_ = e.follow(c.board) // there is nobody left to tell
}

// follow writes what came since.
func (e *eventFile) follow(b *board) error {
	b.mu.Lock()
	series, evaluations, now, kept := b.series, append([]api.Evaluation{}, b.evaluations...), b.clock.Now(), b.kept
	b.kept = math.MaxUint64
	b.mu.Unlock()
	if kept < e.step { // the run went back
		e.step = kept
		e.evaluated = min(e.evaluated, kept)
		e.w.Restart(now, kept+1)
	}
	for e.steps(series) == eventsAtOnce {
		if err := e.w.Flush(); err != nil {
			return err
		}
	}
	e.evaluations(now, evaluations)
	return e.w.Flush()
}

// steps adds the next steps, and says how many. It writes none: the history
// cannot grow meanwhile, and the run would wait for the disk.
func (e *eventFile) steps(series *history.History) (n int) {
	columns := series.Columns()
	series.Each(e.step, func(step uint64, at time.Time, values []float32) bool {
		var list []tensorboard.Scalar
		for i, name := range columns {
			if !history.IsNone(values[i]) {
				list = append(list, tensorboard.Scalar{Tag: name, Value: values[i]})
			}
		}
		e.w.Scalars(at, step, list...)
		e.step = step
		n++
		return n < eventsAtOnce
	})
	return n
}

func (e *eventFile) evaluations(now time.Time, list []api.Evaluation) {
	for _, v := range list {
		if v.Step <= e.evaluated {
			continue
		}
		values := []tensorboard.Scalar{{Tag: "held-out/loss", Value: float32(v.Loss)}}
		for _, m := range v.Measures {
			values = append(values, tensorboard.Scalar{Tag: "held-out/" + m.Name, Value: float32(m.Value)})
		}
		e.w.Scalars(now, v.Step, values...)
		e.evaluated = v.Step
	}
}
