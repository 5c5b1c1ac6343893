package worker

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/dirlock"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// TestReplacedMeanwhile has checkpoint.dir moved away, and another run in its place, when a worker has looked whose it is and has not
// written yet, as when it was stopped there. What it does then changes nothing of the other run's.
func TestReplacedMeanwhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	moved := dir + "-moved"
	begin := func(run string) *saver {
		if err := checkpoint.MakeDir(checkpoint.OS{}, dir); err != nil {
			t.Fatal(err)
		}
		f := &runfile.File{Name: run}
		f.Checkpoint.Dir, f.Checkpoint.Keep, f.Batch.Lanes = dir, 1, 1
		s := newSaver(Config{File: f, Log: slog.New(slog.DiscardHandler)}, checkpoint.Manifest{Format: checkpoint.Format, Version: "v"}, func(*api.FromWorker) {})
		lock, err := dirlock.Acquire(dir, dirlock.Self(run, run, "worker-0"))
		if err != nil {
			t.Fatal(err)
		}
		s.held.Store(lock)
		t.Cleanup(func() { s.drain(); lock.Release() })
		return s
	}
	lane := func(x float32) checkpoint.FileContent {
		return checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.LaneGroup(0)), Tensors: []safetensors.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{x}}}}
	}
	committed := func(s *saver, x float32, step uint64) {
		t.Helper()
		info, err := s.write(step, lane(x))
		if err != nil {
			t.Fatal(err)
		}
		m := s.manifest
		m.Step, m.Files = step, []checkpoint.FileInfo{info}
		if err := s.put(&m); err != nil {
			t.Fatal(err)
		}
	}

	first := begin("first")
	committed(first, 1, 5)
	err := first.inOwn(func(fs checkpoint.FS) error {
		if err := os.Rename(dir, moved); err != nil {
			t.Fatal(err)
		}
		second := begin("second")
		committed(second, 2, 5)
		committed(second, 2, 10)
		// What of this fails for want of such a file where it was moved to does no harm.
		_, _ = checkpoint.WriteFile(fs, dir, 15, lane(1))
		_ = fs.Remove(filepath.Join(dir, checkpoint.DirName(10), "manifest.json"))
		_ = fs.Rename(filepath.Join(dir, checkpoint.DirName(10)), filepath.Join(dir, "x"))
		_ = checkpoint.DiscardAll(fs, dir, 5)
		f, err := fs.Create(filepath.Join(dir, checkpoint.DirName(5), lane(1).Name))
		if err != nil {
			return err
		}
		return f.Close() // empty
	})
	if err != nil {
		t.Error(err)
	}
	for _, step := range []uint64{5, 10} {
		m, err := checkpoint.At(checkpoint.OS{}, dir, step)
		if err == nil {
			err = checkpoint.Verify(checkpoint.OS{}, dir, m)
		}
		if err != nil {
			t.Errorf("the other run's step %d: %v", step, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, checkpoint.DirName(15))); err == nil {
		t.Error("a step of the first run's is in the other run's directory")
	}
	if info, err := os.Stat(filepath.Join(moved, checkpoint.DirName(5), lane(1).Name)); err != nil || info.Size() != 0 {
		t.Errorf("in the directory that was moved: %v", err)
	}
	if _, err := first.write(20, lane(1)); err == nil || !strings.Contains(err.Error(), `removed or replaced, and taken by run "second"`) {
		t.Errorf("the next write: %v", err)
	}
}
