package shard

import (
	"os"
	"path/filepath"
)

// TrainDir and ValidDir are where a training set and its held-out set lie under the directory of both.
func TrainDir(out string) string { return filepath.Join(out, trainName) }

// ValidDir is the directory of the held-out set; see [TrainDir].
func ValidDir(out string) string { return filepath.Join(out, validName) }

// CommitSplit commits a training set and the set that was held out of it, in directories side by side. valid is nil if
// nothing was held out: an older held-out set beside the training set is removed, since it may overlap it. After an
// error the caller aborts both.
func CommitSplit(train, valid *Writer) (trained, held Manifest, err error) {
	out := filepath.Dir(train.opts.Dir)
	if valid == nil {
		if err := train.seal(); err != nil {
			return trained, held, err
		}
		if err := removeSet(ValidDir(out), validName); err != nil {
			return trained, held, err
		}
		trained, err = train.Commit()
		return trained, held, err
	}
	for _, w := range []*Writer{train, valid} {
		if err := w.seal(); err != nil {
			return trained, held, err
		}
	}
	// While valid is new and train is old they may overlap, so train ceases to be a set first.
	if err := dropSet(train.opts.Dir, train.opts.Name); err != nil {
		return trained, held, err
	}
	if held, err = valid.Commit(); err != nil {
		return trained, held, err
	}
	trained, err = train.Commit()
	return trained, held, err
}

// removeSet removes a set and, if nothing else is in it, its directory.
func removeSet(dir, name string) error {
	if _, err := os.Lstat(dir); os.IsNotExist(err) {
		return nil
	}
	if err := dropSet(dir, name); err != nil {
		return err
	}
	os.Remove(dir)
	return nil
}

// JournalName is the file in the directory of both sets in which whoever writes them keeps how far it is, so as to go on by
// [ResumeWriter].
const JournalName = "cut.journal"

// DropStopped removes what a writer of the sets in out left behind that was stopped. Sets that are there stay.
func DropStopped(out string) error {
	for dir, name := range map[string]string{TrainDir(out): trainName, ValidDir(out): validName} {
		if err := sweep(dir, name, tempSuffix); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// RefuseSplit is the error that guards sets already in out.
func RefuseSplit(out string, overwrite bool) error {
	for _, dir := range []string{TrainDir(out), ValidDir(out)} {
		if err := refuseExisting(dir, overwrite); err != nil {
			return err
		}
	}
	return nil
}
