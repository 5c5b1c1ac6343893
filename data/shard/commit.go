package shard

import (
	"context"
	"os"

	"github.com/rondo-ml/rondo/data/objects"
)

// TrainDir and ValidDir are where a training set and its held-out set lie under the directory of both, or under an address.
func TrainDir(out string) string { return objects.Join(out, trainName) }

// ValidDir is the directory of the held-out set; see [TrainDir].
func ValidDir(out string) string { return objects.Join(out, validName) }

// CommitSplit commits a training set and the set that was held out of it, in directories side by side. valid is nil if
// nothing was held out: an older held-out set beside the training set is removed, since it may overlap it. After an
// error the caller aborts both, or leaves both to be gone on with.
func CommitSplit(train, valid *Writer) (trained, held Manifest, err error) {
	out := objects.Dir(train.opts.Dir)
	for _, w := range []*Writer{train, valid} {
		if w == nil {
			continue
		}
		if err := w.seal(); err != nil {
			return trained, held, err
		}
	}
	if valid == nil {
		if err := removeSet(ValidDir(out), validName); err != nil {
			return trained, held, err
		}
		trained, err = train.Commit()
		return trained, held, err
	}
	// While valid is new and train is old they may overlap, so train ceases to be a set first.
	if err := train.place.clear(train.opts.Name); err != nil {
		return trained, held, err
	}
	if held, err = valid.Commit(); err != nil {
		return trained, held, err
	}
	if trained, err = train.Commit(); err != nil && objects.Named(out) {
		_ = valid.place.clear(valid.opts.Name) // another's training set may be there, which this one would overlap
	}
	return trained, held, err
}

// removeSet removes a set and, if nothing else is in it, its directory.
func removeSet(dir, name string) error {
	if objects.Named(dir) {
		p, err := newPrefix(dir, "")
		if err == nil {
			err = p.begin(true)
		}
		if err == nil {
			err = p.clear(name)
		}
		if err == nil {
			p.sweep()
		}
		return err
	}
	if _, err := os.Lstat(dir); os.IsNotExist(err) {
		return nil
	}
	if err := directory(dir).clear(name); err != nil {
		return err
	}
	os.Remove(dir)
	return nil
}

// DropStopped removes what a writer of the sets in out, a directory, left behind that was stopped. Sets that are there stay.
func DropStopped(out string) error {
	for dir, name := range map[string]string{TrainDir(out): trainName, ValidDir(out): validName} {
		if err := sweep(dir, name, tempSuffix); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// CheckSplit says before anything is written that sets cannot be: an object store must take what they need, and sets that are there already
// are guarded, but for one that a cut into an object store had committed when it was stopped before the other.
func CheckSplit(out string, overwrite bool) error {
	tag := ""
	if objects.Named(out) {
		if err := objects.Probe(context.Background(), out); err != nil {
			return err
		}
		c, _, err := OpenClaim(out)
		if err != nil {
			return err
		}
		tag = c.Tag
	}
	for _, dir := range []string{TrainDir(out), ValidDir(out)} {
		p, err := placeOf(dir, tag)
		if err == nil {
			err = p.refuse(overwrite)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
