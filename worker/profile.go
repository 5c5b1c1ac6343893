package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Profiler takes the steps of a run alone, on a text of its own, and sees where their time goes.
type Profiler struct {
	file    runfile.File // its training set is the text
	threads int
}

// Profile is a step of one worker with so many of the run's lanes and no other worker; times are from the
// beginning of the step, each the lower quartile of those seen.
type Profile struct {
	Lanes      int
	Parameters int     // of the model
	Operations float64 // floating-point, of matrix products and convolutions, forward and backward
	Targets    int     // predicted in the step
	Buckets    []ProfileBucket
	Computed   time.Duration // when all gradients were there
	Total      time.Duration
	Totals     []time.Duration // of all steps seen but the first, ascending
}

// ProfileBucket is a part of a bucket, in the order in which they leave.
type ProfileBucket struct {
	Bytes int
	Left  time.Duration // when its gradients were there
	Fold  time.Duration // what adding up the lanes takes when nothing else is done
}

// NewProfiler writes a text for the run file's model into dir.
func NewProfiler(f *runfile.File, dir string, threads int) (*Profiler, error) {
	const steps = 4 // in an epoch
	p := &Profiler{file: *f, threads: threads}
	p.file.Batch.Pipelines = 1 // a lane computes as much: a part of the network on more rows, or all of it on fewer
	if f.Task.Kind != task.Next {
		p.file.Data.Train, p.file.Data.Valid = fmt.Sprintf("generated:profile?count=%d", steps*f.Batch.Global), ""
		return p, CheckModel(f)
	}
	text := make([]byte, steps*f.Batch.Global*f.Batch.Length+f.Batch.Global+1)
	letters := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(' ' + letters.IntN('~'-' '))
	}
	path := filepath.Join(dir, "profile.txt")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("a text to measure steps on: %w", err)
	}
	out := filepath.Join(dir, "profile")
	if _, err := shard.WriteText(shard.TextOptions{Out: out, ShardBytes: int64(len(text) + 1)}, []string{path}); err != nil {
		return nil, fmt.Errorf("a text to measure steps on: %w", err)
	}
	p.file.Data.Train, p.file.Data.Valid = filepath.Join(out, "train"), ""
	return p, nil
}

// Measure takes steps of the given number of lanes for about the budget, at least two beside the first.
func (p *Profiler) Measure(ctx context.Context, lanes int, budget time.Duration) (measured Profile, err error) {
	defer zoo.Recover(p.file.Model.Kind, &err)
	f := p.file
	f.Batch.Global, f.Batch.Lanes = lanes*f.Batch.LaneRows(), lanes
	train, err := OpenData(&f, f.Data.Train)
	if err != nil {
		return Profile{}, err
	}
	view, err := allreduce.EvenView(1, lanes, 1)
	if err != nil {
		return Profile{}, err
	}
	group, err := newGroup(&f, view, 0, nil, nil, 0)
	if err != nil {
		return Profile{}, err
	}
	defer group.Close()
	t, err := newTrainer(Config{File: &f, Threads: p.threads, Passes: 1}, laneRange{0, lanes}, train, nil)
	if err != nil {
		return Profile{}, err
	}
	defer t.close()
	if _, err := t.initialize(ctx); err != nil {
		return Profile{}, err
	}
	targets := f.Batch.Global * f.RowLength()
	profile := Profile{Lanes: lanes, Parameters: t.params.Size(), Targets: targets, Operations: t.operations}
	err = profile.fill(ctx, t, group, budget)
	return profile, err
}

// fill takes the steps.
func (p *Profile) fill(ctx context.Context, t *trainer, group *allreduce.Group, budget time.Duration) error {
	var total, computed []time.Duration
	left := make([][]time.Duration, len(t.parts))
	step := uint64(0)
	for began := time.Now(); step < 3 || time.Since(began) < budget; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := t.step(group, step, wish{})
		if err != nil {
			return err
		}
		if step == 0 { // the first pays for memory
			continue
		}
		total, computed = append(total, r.time.total), append(computed, r.time.computed)
		for i, d := range t.left {
			left[i] = append(left[i], d.at)
		}
	}
	p.Total, p.Computed, p.Totals = usual(total), usual(computed), total
	for i, d := range slices.Clone(t.left) { // the same order in every step
		fold, err := t.foldTime(group, &step, d.part)
		if err != nil {
			return err
		}
		p.Buckets = append(p.Buckets, ProfileBucket{Bytes: 4 * (d.part.end - d.part.begin), Left: usual(left[i]), Fold: fold})
	}
	return nil
}

// foldTime is the usual time of adding up a part in the own lanes.
func (t *trainer) foldTime(group *allreduce.Group, step *uint64, p *part) (time.Duration, error) {
	var took []time.Duration
	for range 5 {
		*step++
		t.pending = t.pending[:0]
		began := time.Now()
		err := t.send(group, *step, p)
		if err == nil {
			err = t.awaitBuckets()
		}
		if err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return usual(took), nil
}

// usual is the lower quartile: other work on the machine only ever makes a step longer.
func usual(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/4]
}
