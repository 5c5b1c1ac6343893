package cmd

import (
	"errors"
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
	"github.com/rondo-ml/rondo/worker/machine"
)

// checkData opens the data, so that what is wrong with it, or with the model, is
// said once, by this process, before any worker is started.
func (t *training) checkData() error {
	f := t.file
	if err := worker.CheckModel(f); err != nil {
		return fmt.Errorf("%s: %w", t.path, err)
	}
	var sets []*worker.Dataset
	open := func(field, source string) (hash string, err error) {
		set, err := worker.OpenData(f, source)
		if err == nil {
			err = set.Check(f, field == "data.train")
		}
		if err == nil && len(sets) > 0 {
			err = set.NumberedAs(sets[0])
		}
		if err != nil {
			return "", fmt.Errorf("%s: %s: %w", t.path, field, err)
		}
		sets = append(sets, set)
		return set.Hash(), nil
	}
	var err error
	if t.dataHash, err = open("data.train", f.Data.Train); err != nil {
		return err
	}
	if f.Data.Valid != "" {
		if t.validHash, err = open("data.valid", f.Data.Valid); err != nil {
			return err
		}
	}
	return t.checkMemory(machine.Here(), sets)
}

// coordinatorBytes is what this process takes of the memory that it shares with its workers; the program itself is in their plans.
const coordinatorBytes = 16 << 20

// checkMemory refuses a run whose workers do not fit into memory together, before one is killed for it in the midst.
func (t *training) checkMemory(limits machine.Limits, sets []*worker.Dataset) (err error) {
	n := max(1, t.options.workers.start()) // --check comes before their number is settled
	threads := t.options.threads
	if threads == 0 {
		threads = max(1, machine.Threads()/n)
	}
	lanes := (t.file.Batch.Lanes + n - 1) / n
	most := limits.Memory
	if most > 0 {
		most = max(1, most-coordinatorBytes)
	}
	t.memory, err = worker.FitMemory(t.file, lanes, t.options.passes, threads, n, sets, most, limits.MemoryOf)
	if short, is := errors.AsType[*worker.MemoryError](err); is {
		short.Most, short.Beside = limits.Memory, coordinatorBytes
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t.path, err)
	}
	return nil
}

// checkEarlierRun refuses, before anything is started, to write over what
// another run has saved, and to go on from what is damaged or of another run.
func (t *training) checkEarlierRun() error {
	dir := t.file.Checkpoint.Dir
	if runfile.Stored(dir) { // a bucket that cannot be used is told before anything is started
		if _, err := checkpoint.Identify(dir); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
	}
	m, path, err := checkpoint.Newest(checkpoint.Files{}, dir)
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		return nil
	case err != nil:
		return fmt.Errorf("checkpoint.dir: %w", err)
	case !t.options.run.resume:
		return fmt.Errorf("%s holds the checkpoint of step %d of an earlier run: go on from it with --resume, "+
			"or give another --set checkpoint.dir=DIR", path, m.Step)
	}
	if err := m.Check(t.file.Bits(), t.dataHash); err != nil {
		return fmt.Errorf("--resume: %w", err)
	}
	if err := worker.CheckTier(m, t.file); err != nil {
		return fmt.Errorf("--resume: %w", err)
	}
	if err := checkpoint.Verify(checkpoint.Files{}, dir, m); err != nil {
		return fmt.Errorf("--resume: %w", err)
	}
	return t.checkKept(dir)
}

// checkKept refuses to go on where checkpoints that checkpoint.keep_every has kept would be removed once the next one is saved, since the
// field is not what it was.
func (t *training) checkKept(dir string) error {
	left, err := past.Open(dir, time.Now)
	if err != nil {
		return nil // no history tells what the field was
	}
	was, err := runfile.Parse("run.yaml", []byte(left.Status().Run.File), nil)
	if err != nil || was.Checkpoint.KeepEvery == 0 {
		return nil
	}
	all, err := checkpoint.OpenAll(checkpoint.Files{}, dir)
	if err != nil {
		return fmt.Errorf("checkpoint.dir: %w", err)
	}
	every, k := was.Checkpoint.KeepEvery, t.file.Checkpoint
	var lost []uint64
	for _, s := range (checkpoint.Keeping{Newest: k.Keep, Every: uint64(k.KeepEvery)}).Leaving(all, 1) {
		if s.Step%uint64(every) == 0 {
			lost = append(lost, s.Step)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return fmt.Errorf("--resume: %s of %s that checkpoint.keep_every = %d has kept, from step %d on, would be removed: the field is %d now; "+
		"give --set checkpoint.keep_every=%d, or remove what is not wanted", countText(len(lost), "checkpoint"), dir, every, lost[0], k.KeepEvery, every)
}
