package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Replay is what became of steps that were computed again.
type Replay struct {
	From, Step uint64  // steps applied before and after
	Loss       float64 // of the last of them, nats per target
	LR         float64
	Digest     string            // of the state after it, as a checkpoint of it has it
	Recorded   string            // that of the checkpoint that the run made of it; empty: it has none
	Marks      map[uint64]string // of the weights, at the steps at which the run made some
	MarksMade  map[uint64]string // those of the run
	Known      uint64            // steps up to which the rates from outside are sure to be known
}

// Differs names the first step after which the run had other weights, with what shows it; empty: none is known.
func (r *Replay) Differs() string {
	first := uint64(0)
	for step, mark := range r.Marks {
		if mark != r.MarksMade[step] && (first == 0 || step < first) {
			first = step
		}
	}
	switch {
	case first > 0:
		return fmt.Sprintf("after step %d the run's weights had the mark %s, and these have %s", first, r.MarksMade[first], r.Marks[first])
	case r.Recorded != "" && r.Recorded != r.Digest:
		return fmt.Sprintf("the checkpoint of step %d has the digest %s, and these steps lead to %s", r.Step, r.Recorded, r.Digest)
	}
	return ""
}

// Nearest is the step with a mark of the run that is nearest to the one that was computed; 0: it made none.
func (r *Replay) Nearest() uint64 {
	away := func(step uint64) uint64 { return max(step, r.Step) - min(step, r.Step) }
	nearest := uint64(0)
	for step := range r.MarksMade {
		if step > 0 && (nearest == 0 || away(step) < away(nearest) || away(step) == away(nearest) && step < nearest) {
			nearest = step
		}
	}
	return nearest
}

// ReplayConfig says what is to be computed again.
type ReplayConfig struct {
	File    *runfile.File // its checkpoint.dir is where the run's checkpoints are
	Step    uint64        // steps applied at the end, 1 or more
	Threads int
	Passes  int
	Began   func(from uint64) // called before the first step; nil: not
}

// ReplaySteps computes a run's steps again, in this process alone: from its newest checkpoint with fewer steps, or from
// the beginning, up to a step, with the learning rates that were set from outside at their steps.
func ReplaySteps(ctx context.Context, cfg ReplayConfig) (r *Replay, err error) {
	f := cfg.File
	defer zoo.Recover(f.Model.Kind, &err)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		return nil, fmt.Errorf("data.train: %w", err)
	}
	var valid *Dataset
	if _, listens := f.Plateau(); listens { // then an evaluation is a part of the run
		if valid, err = OpenData(f, f.Data.Valid); err != nil {
			return nil, fmt.Errorf("data.valid: %w", err)
		}
	}
	p := &replaying{cfg: cfg, file: f, hash: train.Hash(), result: &Replay{Step: cfg.Step, Marks: map[uint64]string{}, MarksMade: map[uint64]string{}}}
	if err := p.recall(); err != nil {
		return nil, err
	}
	lanes := laneRange{0, f.Batch.Lanes}
	if p.trainer, err = newTrainer(Config{File: f, Threads: cfg.Threads, Passes: cfg.Passes}, lanes, train, valid); err != nil {
		return nil, err
	}
	defer p.trainer.close()
	view, err := allreduce.EvenView(1, f.Batch.Lanes, 1)
	if err != nil {
		return nil, err
	}
	group, err := newGroup(f, view, 0, nil, nil, p.trainer.params.Size())
	if err != nil {
		return nil, err
	}
	defer group.Close()
	if err := p.begin(ctx); err != nil {
		return nil, err
	}
	return p.result, p.run(ctx, group)
}

// replaying is a replay under way.
type replaying struct {
	cfg     ReplayConfig
	file    *runfile.File
	hash    string                  // of the training data
	from    *checkpoint.Manifest    // nil: the beginning
	rates   []checkpoint.RateChange // of the whole run
	trainer *trainer
	result  *Replay
}

// recall reads what the run has left.
func (p *replaying) recall() error {
	dir := p.file.Checkpoint.Dir
	newest, _, err := checkpoint.Newest(checkpoint.Files{}, dir)
	if err != nil && !errors.Is(err, checkpoint.ErrNone) {
		return err
	}
	journal, err := checkpoint.ReadJournal(dir)
	if err != nil {
		return err
	}
	if newest == nil && len(journal) == 0 {
		return fmt.Errorf("checkpoint.dir: %s holds nothing of a run: %w", dir, checkpoint.ErrNone)
	}
	if newest != nil {
		p.result.Known = newest.Step
		if err := errors.Join(newest.Check(p.file.Bits(), p.hash), CheckTier(newest, p.file)); err != nil {
			return err
		}
	}
	for _, l := range journal {
		p.result.Known = max(p.result.Known, l.Step)
	}
	p.rates, p.result.MarksMade = checkpoint.Rates(newest, journal), checkpoint.Marks(journal)
	if p.from, err = checkpoint.Before(checkpoint.Files{}, dir, p.cfg.Step); err != nil && !errors.Is(err, checkpoint.ErrNone) {
		return err
	}
	if m, err := checkpoint.At(checkpoint.Files{}, dir, p.cfg.Step); err == nil {
		p.result.Recorded = m.Digest
	}
	return nil
}

// begin brings the trainer to where the steps begin.
func (p *replaying) begin(ctx context.Context) error {
	if p.from == nil {
		_, err := p.trainer.initialize(ctx)
		return err
	}
	p.result.From = p.from.Step
	return p.trainer.load(checkpoint.Files{}, p.file.Checkpoint.Dir, &api.View{Step: p.from.Step, CheckpointDigest: p.from.Digest}, p.file.Bits(), p.hash)
}

func (p *replaying) run(ctx context.Context, group *allreduce.Group) error {
	r, t, f := p.result, p.trainer, p.file
	if p.cfg.Began != nil {
		p.cfg.Began(r.From)
	}
	var last stepResult
	for step := r.From; step < r.Step; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if last, err = t.step(group, step, wish{rate: p.rateAt(step)}); err != nil {
			return err
		}
		done := step + 1
		if t.held != nil && (due(done, f.Eval.Every) || done == uint64(f.Steps)) {
			if _, err := t.measure(group, done, false); err != nil {
				return err
			}
		}
		if _, made := r.MarksMade[done]; made {
			r.Marks[done] = markText(t.marks(t.params.Tensors()))
		}
	}
	r.Loss, r.LR = last.loss, last.lr
	var err error
	r.Digest, err = p.digest(last.epoch)
	return err
}

// rateAt is the learning rate from outside that counts in a step.
func (p *replaying) rateAt(step uint64) (rate standingRate) {
	for _, c := range p.rates {
		if c.Step <= step {
			rate = standingRate{c.LR, c.Step + 1}
		}
	}
	return rate
}

// digest is that of a checkpoint of the state as it is.
func (p *replaying) digest(epoch uint64) (string, error) {
	m := checkpoint.Manifest{Step: p.result.Step, Epoch: epoch, DataHash: p.hash, Bits: p.file.Bits()}
	for _, c := range p.rates {
		if c.Step < m.Step {
			m.Rates = append(m.Rates, c)
		}
	}
	for group, tensors := range p.trainer.groups() {
		infos, err := checkpoint.Describe(tensors)
		if err != nil {
			return "", err
		}
		m.Files = append(m.Files, checkpoint.FileInfo{Name: checkpoint.FileName(group), Tensors: infos})
	}
	m.Seal()
	return m.Digest, nil
}
