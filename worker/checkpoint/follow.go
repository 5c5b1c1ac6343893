package checkpoint

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/data/objects"
)

// Follower reads the journal and the manifests of a checkpoint directory again and again, for those who watch a run: what
// has not changed is not read. A file of this machine has changed when its size or its time has, an object when its ETag has.
type Follower struct {
	dir string

	lines    []JournalLine
	journal  string // stamp of the journal that was read
	segments int    // of a journal in a store

	known  map[uint64]*Manifest
	newest string // stamp of the newest known manifest
}

// NewFollower follows the run in dir.
func NewFollower(dir string) *Follower { return &Follower{dir: dir, known: map[uint64]*Manifest{}} }

// Journal is what ReadJournal reads. The caller must not change it.
func (f *Follower) Journal() ([]JournalLine, error) {
	now, err := f.journalStamp()
	if err != nil {
		return nil, err
	}
	if now == f.journal {
		return f.lines, nil
	}
	lines, err := ReadJournal(f.dir)
	if err != nil {
		return nil, err
	}
	f.lines, f.journal = lines, now
	return lines, nil
}

// journalStamp is that of the last segment in a store, with how many there are.
func (f *Follower) journalStamp() (string, error) {
	if !objects.Named(f.dir) {
		return stamp(filepath.Join(f.dir, JournalName))
	}
	s := NewJournal(f.dir).remote
	if f.segments == 0 {
		b, _, err := objects.At(f.dir)
		if err != nil {
			return "", err
		}
		if f.segments, err = s.count(b); err != nil {
			return "", fmt.Errorf("checkpoint: %s: %w", JournalName, err)
		}
		if f.segments == 0 {
			return "", nil
		}
	}
	for {
		next, err := stamp(objects.Join(f.dir, fmt.Sprintf(s.format, f.segments+1)))
		if err != nil {
			return "", err
		}
		if next == "" {
			break
		}
		f.segments++
	}
	last, err := stamp(objects.Join(f.dir, fmt.Sprintf(s.format, f.segments)))
	if last == "" { // the run was removed, and another may begin in its place: they are counted anew
		f.segments = 0
	}
	return fmt.Sprintf("%d %s", f.segments, last), err
}

// Manifests are those of the committed checkpoints, oldest first; damaged ones are passed over. A run that went back
// removes its newest checkpoint before all others: while that one is as it was, all are.
func (f *Follower) Manifests() ([]*Manifest, error) {
	steps, err := list(Files{}, f.dir)
	if err != nil {
		return nil, err
	}
	if last := f.last(); last != nil {
		now, err := f.manifestStamp(last.Step)
		if err != nil {
			return nil, err
		}
		if now != f.newest {
			clear(f.known)
		}
	}
	all := make([]*Manifest, 0, len(steps))
	for _, step := range steps {
		if f.known[step] == nil {
			if m, err := At(Files{}, f.dir, step); err == nil {
				f.known[step] = m
			}
		}
		if m := f.known[step]; m != nil {
			all = append(all, m)
		}
	}
	for step := range f.known {
		if !slices.Contains(steps, step) {
			delete(f.known, step)
		}
	}
	f.newest = ""
	if last := f.last(); last != nil {
		f.newest, err = f.manifestStamp(last.Step)
	}
	return all, err
}

// last is the newest manifest that is known; nil: none is.
func (f *Follower) last() (last *Manifest) {
	for _, m := range f.known {
		if last == nil || m.Step > last.Step {
			last = m
		}
	}
	return last
}

func (f *Follower) manifestStamp(step uint64) (string, error) {
	return stamp(objects.Join(f.dir, DirName(step), manifestName))
}

// stamp is another one once a file or an object has changed; it is empty where there is none.
func stamp(path string) (string, error) {
	if !objects.Named(path) {
		info, err := os.Stat(path)
		if errors.Is(err, iofs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("checkpoint: %w", err)
		}
		return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()), nil
	}
	b, key, err := objects.At(path)
	if err != nil {
		return "", err
	}
	info, err := b.Stat(context.Background(), key)
	if errors.Is(err, iofs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	return fmt.Sprintf("%d %s", info.Size, info.ETag), nil
}
