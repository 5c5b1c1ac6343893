package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/coordinator/dirlock"
)

// tellWaiting is after how long a claim that waits says so: in an object store it may take a quarter of a minute.
const tellWaiting = 2 * time.Second

// claim holds checkpoint.dir for the run as long as this worker lives: two runs that write to one directory would take
// each other's checkpoints for their own, and remove them.
func (w *worker) claim(runID string) error {
	if w.dirLock != nil { // since an earlier view
		return nil
	}
	dir := w.cfg.File.Checkpoint.Dir
	waiting := time.AfterFunc(tellWaiting, func() {
		w.cfg.Log.Info("looking whether another run still has checkpoint.dir", "dir", dir)
	})
	lock, err := dirlock.Acquire(dir, dirlock.Self(w.cfg.File.Name, runID, w.cfg.Name))
	waiting.Stop()
	switch {
	case err == nil:
		w.dirLock = lock
		if w.saver != nil {
			w.saver.held.Store(lock)
		}
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		w.cfg.Log.Warn("checkpoint.dir is on a file system without locks: see to it that no other run uses it", "dir", dir, "error", err)
		return nil
	}
	if held, ok := errors.AsType[*dirlock.HeldError](err); ok {
		return &DirError{fmt.Errorf("checkpoint.dir: %w; give this run another checkpoint.dir, or end the other run first", held)}
	}
	return &DirError{fmt.Errorf("checkpoint.dir: %w; it must be a directory that can be written", err)}
}
