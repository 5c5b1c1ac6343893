package past

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/layers"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/survey"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

const (
	// refreshEvery is how often a run that goes on is read, refreshSeldom one that
	// has ended long ago, and between them it is this share of its silence.
	refreshEvery  = time.Second
	refreshSeldom = 30 * time.Second
	refreshShare  = 20
	// freshFor is for how long after its last step a run is taken to go on.
	freshFor = 15 * time.Second
)

// Run is a run in a checkpoint directory. It may be used by several goroutines.
type Run struct {
	dir string
	now func() time.Time

	reading  sync.Mutex // held by who reads, which may take long where the run lies in a store
	follower *checkpoint.Follower
	next     uint64 // piece of the history

	mu        sync.Mutex // of what was read; nobody reads while they hold it
	read      time.Time
	wait      time.Duration // from then until it is read again
	past      history.Loader
	journal   []checkpoint.JournalLine
	manifests []*checkpoint.Manifest // of the checkpoints that there are, oldest first
	written   map[uint64]time.Time   // when, by step

	*survey.Gallery // of the held-out set
}

// Open reads a run. A directory without any trace of one is an error.
func Open(dir string, now func() time.Time) (*Run, error) {
	r := &Run{dir: dir, now: now, follower: checkpoint.NewFollower(dir)}
	r.Gallery = survey.NewGallery(r.heldOut)
	if err := r.refresh(); err != nil {
		return nil, err
	}
	if r.past.History == nil && len(r.manifests) == 0 {
		return nil, fmt.Errorf("%s: no run has left a history or a checkpoint there; give the checkpoint.dir of a run", dir)
	}
	return r, nil
}

// refresh reads what was added. Who comes while another one reads does not wait, and sees what was read before.
func (r *Run) refresh() error {
	if !r.reading.TryLock() {
		return nil
	}
	defer r.reading.Unlock()
	now := r.now()
	r.mu.Lock()
	due := now.Sub(r.read) >= r.wait
	r.mu.Unlock()
	if !due {
		return nil
	}
	err := r.readOn()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read, r.wait = now, r.pause(now)
	return err
}

// readOn takes over what was added, a piece at a time.
func (r *Run) readOn() error {
	for {
		piece, next, err := checkpoint.ReadHistory(r.dir, r.next)
		if err != nil {
			return err
		}
		if len(piece) == 0 {
			break
		}
		r.mu.Lock()
		_, _ = r.past.Write(piece) // it takes all
		r.mu.Unlock()
		r.next = next
	}
	journal, err := r.follower.Journal()
	if err != nil {
		return err
	}
	manifests, err := r.follower.Manifests()
	if err != nil {
		return err
	}
	written := r.times(manifests)
	r.mu.Lock()
	r.journal, r.manifests, r.written = journal, manifests, written
	r.mu.Unlock()
	return nil
}

// times are when checkpoints were written, of those that lie in a file system.
func (r *Run) times(manifests []*checkpoint.Manifest) map[uint64]time.Time {
	written := map[uint64]time.Time{}
	for _, m := range manifests {
		if info, err := os.Stat(objects.Join(r.dir, checkpoint.DirName(m.Step))); err == nil {
			written[m.Step] = info.ModTime()
		}
	}
	return written
}

// pause is how long it takes until the run is read again: the longer nothing
// has come, the longer. A run that is over is asked for seldom.
func (r *Run) pause(now time.Time) time.Duration {
	s := r.curves().Series(history.Query{From: r.curves().Last(), Columns: []string{"loss"}})
	if len(s.Steps) == 0 {
		return refreshSeldom
	}
	silent := now.Sub(s.Started.Add(time.Duration(s.Seconds[0] * 1e9)))
	return min(max(silent/refreshShare, refreshEvery), refreshSeldom)
}

// heldOut opens the held-out set, where the run file says that it lies.
func (r *Run) heldOut() (samples.Source, error) {
	r.mu.Lock()
	_, file := r.described()
	r.mu.Unlock()
	if file == nil {
		return nil, errors.New("the run has left no run file")
	}
	return worker.OpenHeldOut(file)
}

// curves is the history; an empty one where the run left none.
func (r *Run) curves() *history.History {
	if r.past.History == nil {
		return history.New(history.StepColumns()...)
	}
	return r.past.History
}

// Series is the history between two steps.
func (r *Run) Series(q history.Query) history.Series {
	_ = r.refresh() // what was read before is shown
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.curves().Series(q)
}

// Outcome is what the evaluation after a step shows, as JSON, or that after the newest for step 0; and the steps of which
// there is one.
func (r *Run) Outcome(step uint64) (text []byte, steps []uint64) {
	_ = r.refresh() // what was read before is shown
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.Outcomes.At(step), r.past.Outcomes.Steps()
}

// WaterfallSteps are the steps of which it was recorded where their time went.
func (r *Run) WaterfallSteps() []uint64 {
	_ = r.refresh() // what was read before is shown
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.Waterfalls.Steps()
}

// WaterfallsAt are where the time of a recorded step went, or of the newest for step 0: as JSON, of each worker that told.
func (r *Run) WaterfallsAt(step uint64) [][]byte {
	_ = r.refresh() // what was read before is shown
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.Waterfalls.At(step)
}

// TellsLayers says whether the run has left what its network consists of.
func (r *Run) TellsLayers() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.Layers.IsDescribed()
}

// Network is what the run trained.
func (r *Run) Network() api.NetworkGraph { return r.layers().Graph() }

// LayersHealth is how all layers fared in the last measured step.
func (r *Run) LayersHealth() api.LayersHealth { return r.layers().All() }

// LayerHistory is how a layer fared; false when there is none of that name.
func (r *Run) LayerHistory(name string) (api.LayerHistory, bool) { return r.layers().History(name) }

// layers are those of the history, which has a lock of its own for them.
func (r *Run) layers() *layers.Past {
	_ = r.refresh() // what was read before is shown
	return &r.past.Layers
}

// Desired is of no meaning here: nobody leads the run.
func (r *Run) Desired() (api.Desired, bool) { return api.Desired{}, false }

// described is the run as it tells of itself, and its run file; of one that
// left no history as its newest checkpoint tells.
func (r *Run) described() (run api.Run, file *runfile.File) {
	var newest *checkpoint.Manifest
	if n := len(r.manifests); n > 0 {
		newest = r.manifests[n-1]
	}
	switch {
	case r.past.Run != nil:
		run = *r.past.Run
		file, _ = runfile.Parse("run.yaml", []byte(run.File), nil)
	case newest != nil:
		run = api.Run{Name: newest.Run, Version: newest.Version, DataHash: newest.DataHash}
		if f, err := runfile.FromBits(newest.Run, newest.Bits); err == nil {
			file = f
			run.File, run.Model, run.Sample, run.PlainLoss = f.YAML(), f.Model.Text(), f.Sample(), !f.LossInBits()
			run.Batch, run.Length = f.Batch.Global, f.RowLength()
		}
	}
	run.Dir = r.dir
	return run, file
}
