package worker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestLooksAnewWhileItWaits: a worker that has met no coordinator yet tells the one that comes of a checkpoint that others have
// committed meanwhile, and not of one that has been removed.
func TestLooksAnewWhileItWaits(t *testing.T) {
	f := imageFile(t, "lenet5")
	dir := filepath.Join(t.TempDir(), "run")
	w := &worker{cfg: Config{File: f, Name: "worker-0"}, dir: dir, hello: &api.Hello{}}
	if h, err := w.introduce(t.Context(), ""); err != nil || h.HasCheckpoint {
		t.Fatalf("before there was one: %v, %v", h, err)
	}
	m, path := savedModel(t, f, nil)
	if err := os.Rename(filepath.Dir(path), dir); err != nil {
		t.Fatal(err)
	}
	if h, err := w.introduce(t.Context(), ""); err != nil || !h.HasCheckpoint || h.CheckpointStep != m.Step || h.CheckpointDigest != m.Digest {
		t.Errorf("afterwards: %v, %v", h, err)
	} else {
		w.hello = h // of a worker that was started now
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if h, err := w.introduce(t.Context(), ""); err != nil || h.HasCheckpoint || h.CheckpointStep != 0 || h.CheckpointDigest != "" {
		t.Errorf("when it was removed: %v, %v", h, err)
	}
}
