package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/dirlock"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// saver writes this worker's files of checkpoints from a copy of the state,
// beside the step loop. One checkpoint is written at a time: a second one
// waits until the first is on disk.
//
// The view's first worker writes the weights, the last the optimizer's state,
// and every worker the hidden state of its own lanes.
type saver struct {
	fs       checkpoint.FS
	dir      string
	keep     checkpoint.Keeping
	lanes    int                 // of the run
	manifest checkpoint.Manifest // what all manifests of the run share
	first    atomic.Bool         // in the view; it alone commits and removes
	last     bool
	send     func(*api.FromWorker)
	log      *slog.Logger

	journal *checkpoint.Journal
	history *chronicle
	held    atomic.Pointer[dirlock.Lock] // on dir; nil: none

	orphaned func() bool // no coordinator leads, and enough waits for one; nil: never

	busy   sync.WaitGroup // files being written
	copied map[string][]float32
	queue  chan func()   // verifications, commits and removals, in order
	over   chan struct{} // closed when no more of them are done

	removals atomic.Int32 // in the queue, or under way

	unwritten, unremoved, undiscarded, untold streak
}

func newSaver(cfg Config, manifest checkpoint.Manifest, send func(*api.FromWorker)) *saver {
	s := &saver{
		fs: cfg.files(), dir: cfg.File.Checkpoint.Dir, keep: keepingOf(cfg.File), lanes: cfg.File.Batch.Lanes, manifest: manifest,
		journal: checkpoint.NewJournal(cfg.File.Checkpoint.Dir),
		send:    send, log: cfg.Log, copied: map[string][]float32{}, queue: make(chan func(), 16), over: make(chan struct{}),
		unwritten:   streak{what: "a checkpoint file could not be written", level: slog.LevelError},
		unremoved:   streak{what: "old checkpoints could not be removed", level: slog.LevelWarn},
		untold:      newUntold(),
		undiscarded: streak{what: "what was written of an abandoned checkpoint could not be removed", level: slog.LevelWarn},
	}
	s.history = newChronicle(s)
	go func() {
		for {
			select {
			case job := <-s.queue:
				job()
			case <-s.over:
				return
			}
		}
	}()
	return s
}

// later has something done after what was asked for before.
func (s *saver) later(job func()) {
	select {
	case s.queue <- job:
	case <-s.over:
	}
}

// wait returns when the files of the last save are on disk, or have failed.
func (s *saver) wait() { s.busy.Wait() }

// idle returns when nothing is written, read back or committed any more.
func (s *saver) idle() {
	s.wait()
	done := make(chan struct{})
	s.later(func() { close(done) })
	<-done
}

// save copies the state after the given number of applied steps and writes it
// in the background. The outcome goes to the coordinator.
func (s *saver) save(t *trainer, step, epoch uint64, last bool) {
	if !last && s.orphaned != nil && s.orphaned() {
		s.log.Info("no coordinator leads and would commit a checkpoint: this one is left out", "step", step)
		return
	}
	s.wait()
	files := s.snapshot(t)
	s.busy.Go(func() {
		saved := &api.Saved{Step: step, Epoch: epoch, Last: last}
		var err error
		for _, f := range files {
			var info checkpoint.FileInfo
			if info, err = s.write(step, f); err != nil {
				saved.Error = err.Error()
				break
			}
			saved.Files = append(saved.Files, toAPI(info))
		}
		s.unwritten.note(s.log, err, "step", step)
		s.send(&api.FromWorker{Message: &api.FromWorker_Saved{Saved: saved}})
	})
}

// write writes a file of a checkpoint, unless that was committed under an earlier view, or another
// coordinator, that could not tell of it: equal runs have equal checkpoints.
func (s *saver) write(step uint64, f checkpoint.FileContent) (checkpoint.FileInfo, error) {
	var info checkpoint.FileInfo
	err := s.inOwn(func(fs checkpoint.FS) (err error) {
		info, err = checkpoint.WriteFile(fs, s.dir, step, f)
		return err
	})
	if !errors.Is(err, checkpoint.ErrCommitted) {
		return info, err
	}
	m, gone := checkpoint.At(s.fs, s.dir, step)
	if gone != nil {
		return info, errors.Join(err, gone)
	}
	for _, there := range m.Files {
		if there.Name == f.Name {
			return there, nil
		}
	}
	return info, err
}

// inOwn does what changes the directory, unless another run has taken that, as when it was removed meanwhile. What do changes by
// the file system that it is given cannot come into the directory of a run that takes the place from now on.
func (s *saver) inOwn(do func(checkpoint.FS) error) error {
	held := s.held.Load()
	if err := held.Check(); err != nil {
		return err
	}
	if root := held.Root(); root != nil && s.fs == (checkpoint.Files{}) {
		return do(checkpoint.Within{Dir: s.dir, Root: root})
	}
	return do(s.fs)
}

// byPath is for files that others append to, by their path: what comes too late is a line of a journal, or of a history.
func byPath(do func() error) func(checkpoint.FS) error {
	return func(checkpoint.FS) error { return do() }
}

// put commits a checkpoint, unless it is there already.
func (s *saver) put(m *checkpoint.Manifest) error {
	err := s.inOwn(func(fs checkpoint.FS) error { return checkpoint.Commit(fs, s.dir, m) })
	if errors.Is(err, checkpoint.ErrCommitted) {
		if there, damaged := checkpoint.At(s.fs, s.dir, m.Step); damaged == nil && there.Digest == m.Digest {
			return nil
		}
	}
	return err
}

// snapshot copies what this worker saves, into memory that is kept for the
// next time.
func (s *saver) snapshot(t *trainer) []checkpoint.FileContent {
	var files []checkpoint.FileContent
	if s.first.Load() {
		f := checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Weights)}
		f.Tensors = s.copies(checkpoint.Weights, t.params.Tensors())
		files = append(files, f)
	}
	if s.last {
		f := checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Optimizer)}
		f.Tensors = s.copies(checkpoint.Optimizer, t.updater.tensors())
		if len(f.Tensors) > 0 {
			files = append(files, f)
		}
	}
	for l := range t.lanes.count() {
		group := checkpoint.LaneGroup(t.lanes.first + l)
		f := checkpoint.FileContent{Name: checkpoint.FileName(group)}
		for _, st := range t.states.List {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: st.Name, Shape: []int{t.states.Rows, st.Width},
				Data: s.copy(group+"/"+st.Name, st.Lane(l))})
		}
		files = append(files, f)
	}
	return files
}

// copies returns copies of the tensors of a group.
func (s *saver) copies(group string, tensors []safetensors.Tensor) []safetensors.Tensor {
	for i := range tensors {
		t := &tensors[i]
		if counter, ok := t.Data.([]int64); ok {
			t.Data = slices.Clone(counter)
		} else {
			t.Data = s.copy(group+"/"+t.Name, t.Data.([]float32))
		}
	}
	return tensors
}

func (s *saver) copy(name string, src []float32) []float32 {
	dst := s.copied[name]
	if dst == nil {
		dst = make([]float32, len(src))
		s.copied[name] = dst
	}
	copy(dst, src)
	return dst
}

// forget lets go of all copies, which nobody writes any more: another place in the ring has others.
func (s *saver) forget() { clear(s.copied) }

// verify reads files back that another worker wrote.
func (s *saver) verify(m *api.Verify) {
	s.later(func() {
		v := &api.Verified{Step: m.Step}
		for _, f := range m.Files {
			if err := checkpoint.VerifyFile(s.fs, s.dir, m.Step, fromAPI(f)); err != nil {
				v.Error = err.Error()
				break
			}
		}
		s.send(&api.FromWorker{Message: &api.FromWorker_Verified{Verified: v}})
	})
}

// commit puts the manifest into place.
func (s *saver) commit(m *api.Commit) {
	s.later(func() {
		manifest := s.manifest
		manifest.Step, manifest.Epoch, manifest.Files, manifest.Rates = m.Step, m.Epoch, nil, ratesFromAPI(m.Rates)
		for _, f := range m.Files {
			manifest.Files = append(manifest.Files, fromAPI(f))
		}
		s.untold.note(s.log, s.inOwn(byPath(s.journal.Flush)), "dir", s.dir)
		s.history.flush()
		c := &api.Committed{Step: m.Step, Path: s.dir + "/" + checkpoint.DirName(m.Step)}
		if name := s.lacks(manifest.Files); name != "" {
			c.Error = fmt.Sprintf("%s is missing: nobody has written it for this ring", name)
		} else if err := s.put(&manifest); err != nil {
			c.Error = err.Error()
		}
		c.Digest = manifest.Digest
		s.send(&api.FromWorker{Message: &api.FromWorker_Committed{Committed: c}})
	})
}

// lacks names a file that every checkpoint has, and these do not; empty: none. The coordinator counts workers that have saved, and
// files say for themselves whether the states of all lanes are among them.
func (s *saver) lacks(files []checkpoint.FileInfo) string {
	want := []string{checkpoint.FileName(checkpoint.Weights)}
	for lane := range s.lanes {
		want = append(want, checkpoint.FileName(checkpoint.LaneGroup(lane)))
	}
	for _, name := range want {
		if !slices.ContainsFunc(files, func(f checkpoint.FileInfo) bool { return f.Name == name }) {
			return name
		}
	}
	return ""
}

// keepingOf says which checkpoints a run keeps.
func keepingOf(f *runfile.File) checkpoint.Keeping {
	return checkpoint.Keeping{Newest: f.Checkpoint.Keep, Every: uint64(f.Checkpoint.KeepEvery)}
}

// rotate removes checkpoints beyond the kept, now that the coordinator has recorded that of the given step. Before that the run
// may have to go back to an earlier one: the word of the commit may be lost on its way.
func (s *saver) rotate(recorded uint64) {
	if s.first.Load() {
		s.removals.Add(1)
		s.later(func() {
			err := s.inOwn(func(fs checkpoint.FS) error { return checkpoint.Rotate(fs, s.dir, s.keep, recorded) })
			s.unremoved.note(s.log, err, "dir", s.dir)
			s.removals.Add(-1)
		})
	}
}

// discard removes what was written of a checkpoint that was abandoned: it would
// take the room that the next one needs. One worker does it for all, after all
// have written what they will.
func (s *saver) discard(step uint64) {
	if s.first.Load() {
		s.later(func() {
			err := s.inOwn(func(fs checkpoint.FS) error { return checkpoint.Discard(fs, s.dir, step) })
			s.undiscarded.note(s.log, err, "step", step)
		})
	}
}

// How long a worker that leaves goes on.
const (
	drainPatience   = time.Second // reading back what others wrote
	removalPatience = time.Minute // removing old checkpoints: nobody else does that after the last one
)

// drain waits for the files being written, and a while for what else was asked
// for. Then it does no more.
func (s *saver) drain() {
	defer close(s.over)
	s.wait()
	patience := time.NewTimer(drainPatience)
	if s.removals.Load() > 0 {
		patience.Reset(removalPatience)
	}
	defer patience.Stop()
	done := make(chan struct{})
	select {
	case s.queue <- func() {
		s.untold.note(s.log, s.inOwn(byPath(s.journal.Flush)), "dir", s.dir)
		s.history.flush()
		close(done)
	}:
	case <-patience.C:
		return
	}
	select {
	case <-done:
	case <-patience.C:
	}
}

func toAPI(f checkpoint.FileInfo) *api.FileInfo {
	m := &api.FileInfo{Name: f.Name, Size: f.Size, Sha256: f.SHA256}
	for _, t := range f.Tensors {
		shape := make([]int64, len(t.Shape))
		for i, n := range t.Shape {
			shape[i] = int64(n)
		}
		m.Tensors = append(m.Tensors, &api.TensorInfo{Name: t.Name, Dtype: string(t.DType), Shape: shape, Sha256: t.SHA256})
	}
	return m
}

func ratesToAPI(rates []checkpoint.RateChange) (list []*api.RateChange) {
	for _, r := range rates {
		list = append(list, &api.RateChange{Step: r.Step, Lr: r.LR})
	}
	return list
}

func ratesFromAPI(rates []*api.RateChange) (list []checkpoint.RateChange) {
	for _, r := range rates {
		list = append(list, checkpoint.RateChange{Step: r.Step, LR: r.Lr})
	}
	return list
}

func fromAPI(m *api.FileInfo) checkpoint.FileInfo {
	f := checkpoint.FileInfo{Name: m.Name, Size: m.Size, SHA256: m.Sha256}
	for _, t := range m.Tensors {
		shape := make([]int, len(t.Shape))
		for i, n := range t.Shape {
			shape[i] = int(n)
		}
		f.Tensors = append(f.Tensors, checkpoint.TensorInfo{Name: t.Name, DType: safetensors.DType(t.Dtype), Shape: shape, SHA256: t.Sha256})
	}
	return f
}
