package checkpoint

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
)

// Keeping says which checkpoints stay.
type Keeping struct {
	Newest int    // so many of the newest, at least 1
	Every  uint64 // and those of steps that are multiples of it; 0: no others
}

// Leaving are the whole checkpoints among some, in their order, that [Rotate] removes once so many later ones were saved.
func (k Keeping) Leaving(all []Status, later int) (leave []Status) {
	whole := later
	for _, s := range slices.Backward(all) {
		if s.Err != nil {
			continue
		}
		if whole++; whole > k.Newest && (k.Every == 0 || s.Step%k.Every != 0) {
			leave = append(leave, s)
		}
	}
	slices.Reverse(leave)
	return leave
}

// Rotate removes the oldest checkpoints below dir until those are left that are to stay of those up to the step known, and what was
// written of those that are older than the newest of them and were never committed. Later ones stay and do not count: whoever says where
// the run goes on may not know of them yet. A damaged checkpoint is neither counted nor removed: it is the user's to look at, and
// the error names it.
func Rotate(fs FS, dir string, keep Keeping, known uint64) error {
	if keep.Newest < 1 {
		return fmt.Errorf("checkpoint: keep: found %d, want at least 1", keep.Newest)
	}
	steps, err := list(fs, dir)
	if err != nil {
		return err
	}
	var faults error
	whole := 0
	for _, step := range slices.Backward(steps) {
		if step > known {
			continue
		}
		path := objects.Join(dir, DirName(step))
		_, err := Open(fs, path)
		switch {
		case err == nil:
			whole++
			if whole == 1 {
				// What is kept must be durable before anything goes: its Commit may have been cut off
				// between the rename and the sync.
				err = errors.Join(fs.SyncDir(path), fs.SyncDir(dir))
			}
			if whole > keep.Newest && (keep.Every == 0 || step%keep.Every != 0) {
				err = remove(fs, dir, path)
			}
			if err != nil {
				return errors.Join(faults, fmt.Errorf("checkpoint: rotating %s: %w", path, err))
			}
		case !errors.Is(err, ErrNone):
			faults = errors.Join(faults, err)
		case whole > 0:
			if err := remove(fs, dir, path); err != nil {
				return errors.Join(faults, fmt.Errorf("checkpoint: removing %s: %w", path, err))
			}
		}
	}
	return faults
}

// Discard removes what was written of the checkpoint of a step, unless it is committed. No worker may be writing to it.
func Discard(fs FS, dir string, step uint64) error {
	path := objects.Join(dir, DirName(step))
	if err := uncommitted(fs, path); errors.Is(err, ErrCommitted) {
		return nil
	} else if err != nil {
		return err
	}
	err := remove(fs, dir, path)
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return fmt.Errorf("checkpoint: removing %s: %w", path, err)
	}
	return nil
}

// DiscardAll removes what was written of all checkpoints below dir that are not committed, and those of later steps
// than the given one: what a process that was killed has left, before it could tell of it. The run comes to the same
// steps again. No worker of the ring may be writing to any.
func DiscardAll(fs FS, dir string, after uint64) error {
	steps, err := list(fs, dir)
	for _, step := range steps {
		if step <= after {
			err = errors.Join(err, Discard(fs, dir, step))
		} else if removed := remove(fs, dir, objects.Join(dir, DirName(step))); removed != nil {
			err = errors.Join(err, fmt.Errorf("checkpoint: removing the one of step %d: %w", step, removed))
		}
	}
	return err
}

// remove deletes a checkpoint: the manifest first, durably, so that one half gone is never taken for whole.
// Files that are not a checkpoint's stay, and so does their directory. So does what a worker writes at the same time that the others
// went on without and that has not heard of it: without a manifest it is no checkpoint, and whoever comes to its step writes it over.
func remove(fs FS, dir, path string) error {
	if err := fs.Remove(objects.Join(path, manifestName)); !isGone(err) {
		return err
	}
	if err := fs.SyncDir(path); err != nil {
		return err
	}
	for range removals {
		foreign, err := removeFiles(fs, path)
		if err != nil || foreign {
			return err
		}
		removed := fs.Remove(path)
		if isGone(removed) {
			return fs.SyncDir(dir)
		}
		if left, err := fs.ReadDir(path); err != nil || len(left) == 0 {
			return removed
		}
	}
	return nil
}

// removals is how often a directory is emptied into which somebody writes.
const removals = 3

// removeFiles removes the files of a checkpoint, and says whether there are others.
func removeFiles(fs FS, path string) (foreign bool, err error) {
	names, err := fs.ReadDir(path)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if own := strings.TrimSuffix(name, temporary); own != manifestName && !fileNames.MatchString(own) {
			foreign = true
			continue
		}
		if err := fs.Remove(objects.Join(path, name)); !isGone(err) {
			return foreign, err
		}
	}
	return foreign, nil
}

// isGone says that something was removed, or was not there.
func isGone(err error) bool { return err == nil || errors.Is(err, iofs.ErrNotExist) }
