package dirlock

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/data/objects"
)

// FileName is the name of the locked file in a directory.
const FileName = "owner"

// Another process may hold the lock for the moment in which it looks who the
// owner is. So a refusal is final only after some tries.
const (
	tries    = 12
	tryAgain = 15 * time.Millisecond
)

// Lock is a process's share in a directory.
type Lock struct {
	dir   string
	owner Owner
	lease *lease // in an object store

	mu   sync.Mutex
	file *os.File // else
	root *os.Root // the directory that holds the file; nil where it was removed, and nobody has made it anew
}

// HeldError says that the directory is another run's.
type HeldError struct {
	Dir   string
	Owner Owner // the zero value: not known
	Taken bool  // it was this run's, and was removed or replaced; the other may have ended
}

func (e *HeldError) Error() string {
	if e.Taken {
		return fmt.Sprintf("%s was removed or replaced, and taken by %s", e.Dir, e.Owner)
	}
	return fmt.Sprintf("%s is in use by %s", e.Dir, e.Owner)
}

// Acquire holds dir, which must exist, for the processes of o.ID. It blocks for
// a fifth of a second at most. The error is a *HeldError while processes of
// another ID live, and wraps errors.ErrUnsupported where the file system has no
// locks.
//
// In an object store the error comes after a few seconds if the other run lives. One that ended without releasing
// the directory is waited for, a quarter of a minute.
func Acquire(dir string, o Owner) (*Lock, error) {
	if objects.Named(dir) {
		l, err := acquireLease(dir, o)
		if err != nil {
			return nil, err
		}
		return &Lock{dir: dir, owner: o, lease: l}, nil
	}
	root, file, err := open(dir)
	if err != nil {
		return nil, err
	}
	l := &Lock{dir: dir, owner: o, file: file, root: root}
	var holder Owner
	for range tries {
		var held bool
		if held, holder, err = attempt(file, o); err != nil {
			return nil, errors.Join(err, l.close())
		}
		if held {
			return l, nil
		}
		time.Sleep(tryAgain)
	}
	return nil, errors.Join(&HeldError{Dir: dir, Owner: holder}, l.close())
}

// close closes the file and the directory.
func (l *Lock) close() error {
	err := l.file.Close()
	if l.root != nil {
		err = errors.Join(err, l.root.Close())
	}
	return err
}

// Root is the directory that is held, wherever it is by now: what is written by it comes into no directory that has taken its place.
// It is nil for a nil lock, in an object store, and where the directory was removed.
func (l *Lock) Root() *os.Root {
	if l == nil || l.lease != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.root
}

// open opens a directory and in it the file to lock. A link out of the directory, which others may be
// able to write to, is not followed: the file is emptied.
func open(dir string) (*os.Root, *os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	file, err := root.OpenFile(FileName, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		root.Close()
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, FileName), err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() { // reading a pipe would wait for ever
		file.Close()
		root.Close()
		return nil, nil, fmt.Errorf("%s is not a file; remove it", filepath.Join(dir, FileName))
	}
	return root, file, nil
}

// attempt takes the lock alone, to write the owner, and keeps it shared. When
// others hold it already, it shares the lock with them if they are of one ID.
// held is false when another run holds the lock; holder is that run, if known.
func attempt(file *os.File, o Owner) (held bool, holder Owner, err error) {
	err = flock(file, lockAlone)
	switch {
	case err == nil:
		if err := writeOwner(file, o); err != nil {
			return false, Owner{}, errors.Join(err, flock(file, unlock))
		}
	case !errors.Is(err, errHeld):
		return false, Owner{}, &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	// The kernel may let another process in between the two kinds of lock, so
	// the owner is read after the second.
	if err := flock(file, lockShared); errors.Is(err, errHeld) {
		return false, Owner{}, nil
	} else if err != nil {
		return false, Owner{}, &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	if holder = readOwner(file); holder.ID == o.ID {
		return true, holder, nil
	}
	return false, holder, flock(file, unlock)
}

// Release gives the share back. The directory is free when the last process has
// released it.
func (l *Lock) Release() error {
	if l.lease != nil {
		return l.lease.release()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.close()
}

// Check returns a [*HeldError] if another run has taken the directory: in an object store when nobody could renew the lease, else
// when the directory was removed or replaced, for the lock goes with the file. What that run has left there stays its own when it
// has ended. Where nobody has taken the directory, it is held again.
func (l *Lock) Check() error {
	switch {
	case l == nil:
		return nil
	case l.lease != nil:
		return l.lease.check()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ours, err := l.file.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(filepath.Join(l.dir, FileName)); err == nil && os.SameFile(ours, there) {
		return nil
	}
	root, there, err := open(l.dir)
	switch {
	case errors.Is(err, iofs.ErrNotExist): // the directory is gone, and whoever makes it anew takes it
		err := error(nil)
		if l.root != nil {
			err = l.root.Close()
		}
		l.root = nil
		return err
	case err != nil:
		return err
	}
	o := readOwner(there)
	there.Close()
	root.Close()
	if o.ID != "" && o.ID != l.owner.ID {
		return &HeldError{Dir: l.dir, Owner: o, Taken: true}
	}
	again, err := Acquire(l.dir, l.owner)
	if err != nil {
		return err
	}
	old := Lock{file: l.file, root: l.root}
	l.file, l.root = again.file, again.root
	return old.close()
}
