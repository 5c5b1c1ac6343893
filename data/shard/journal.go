package shard

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/rondo-ml/rondo/data/files"
)

// JournalName is the file in the directory of both sets in which whoever writes them keeps how far it is, so as to go on by
// [ResumeWriter]. Its first line says of which plan the sets are: "rondo-cut PLAN".
const JournalName = files.CutJournal

// JournalHead is what the first line begins with.
const JournalHead = files.CutJournalHead

// NewPlan begins the hash of a plan, of all that decides the bits of a cut's sets, with this program: another release may make other sets
// of the same data.
func NewPlan() hash.Hash {
	h := sha256.New()
	fmt.Fprintln(h, "rondo-cut 1", runtime.Version())
	if build, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintln(h, build.Main.Version)
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				fmt.Fprintln(h, s.Key, s.Value)
			}
		}
	}
	return h
}

// OpenJournal makes a directory and opens the journal in it, which is new or that of a cut that was stopped. It is locked until it is
// closed; another process that cuts there is an error.
func OpenJournal(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot write shards in %s: %w", dir, err)
	}
	path := filepath.Join(dir, JournalName)
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file; remove it", path)
	}
	return openLocked(path)
}

// openLocked opens and locks the file at a path. Whoever held the lock before may have removed the file in between; then
// the lock is of nothing, and the path has another file.
func openLocked(path string) (*os.File, error) {
	const tries = 100 // each but the last met a process that ended just then
	err := errors.New("its journal is removed again and again")
	for range tries {
		f, e := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if e != nil {
			return nil, e
		}
		if e := lockFile(f); e != nil {
			f.Close()
			err = e
			break
		}
		locked, e := f.Stat()
		if there, gone := os.Stat(path); e == nil && gone == nil && os.SameFile(locked, there) {
			return f, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("%s: another process is cutting into this directory: %w", path, err)
}
