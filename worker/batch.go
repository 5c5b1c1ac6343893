package worker

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// rows reads the text of lanes into batches.
type rows struct {
	streams   *shard.Streams
	perLane   int // rows of one lane
	length    int // time steps
	in, after []byte
}

func newRows(streams *shard.Streams, perLane, length int) *rows {
	return &rows{streams: streams, perLane: perLane, length: length, in: make([]byte, length), after: make([]byte, length)}
}

func (r *rows) place(step int) place {
	at := r.streams.Step(step)
	return place{epoch: at.Epoch, firstOfEpoch: at.FirstOfEpoch, count: at.Count}
}

// ahead begins to read what comes next from an object store; from this machine a text is read in no time.
func (r *rows) ahead(step int, lanes laneRange) {
	for row := range lanes.count() * r.perLane {
		r.streams.Foresee(step, lanes.first*r.perLane+row)
	}
}

func (r *rows) close() {}

func (r *rows) uses(step, row int) use {
	first, count := r.streams.Span(step, row)
	return use{r.streams.Step(step).Epoch, first, count}
}

func (r *rows) items() int64 { return r.streams.Pairs() }

func (r *rows) batches() int { return r.streams.StepsPerEpoch() }

// fill reads the rows that the lanes own in the given step, time-major.
func (r *rows) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	tokens, isText := rec.Part("text").(*nn.Tokens)
	targets, isNext := rec.Part(task.Next).(*nn.Targets)
	if !isText || !isNext || len(rec.Parts()) != 2 {
		return errors.New("the network reads other data than a text")
	}
	r.ahead(step, lanes) // all rows at once, where nobody foresaw the step
	all := lanes.count() * r.perLane
	for row := range all {
		n, err := r.streams.Read(step, lanes.first*r.perLane+row, r.in, r.after)
		if err != nil {
			return fmt.Errorf("lane %d: %w", lanes.first+row/r.perLane, err)
		}
		for t := range r.length {
			at := t*all + row
			tokens.Input[at], targets.Target[at] = 0, -1
			if t < n {
				tokens.Input[at], targets.Target[at] = int32(r.in[t]), int32(r.after[t])
			}
		}
	}
	targets.Count = r.streams.Step(step).Count
	if err := errors.Join(tokens.Check(), targets.Check(targets.Classes)); err != nil {
		return fmt.Errorf("%w; raise model.vocab or leave that text out", err)
	}
	return nil
}
