package cmd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// workDir is a process's own directory of sockets, keys and what else is of no use after its end. Its user alone can
// enter it. While the process lives it holds a lock (flock) on the directory, which tells other processes of the user,
// and systemd-tmpfiles, to leave it; the directory of a process that was killed is removed by the next one.
type workDir struct {
	mu   sync.Mutex
	path string
	lock *os.File // the directory itself
	over bool     // removed for good
}

// workPrefix begins the names of working directories. They are all locked, so one without a lock is abandoned.
const workPrefix = "rondo-run-"

const (
	// maxSocketPath bounds the path of a unix socket, on every system.
	maxSocketPath = 103
	// socketRoom is what a working directory needs of that for the sockets in it: /ring-1234567890/member-63.sock.
	socketRoom = 36
)

// make makes the directory in the first of parents where that can be. With sockets its path is short enough for them.
// What earlier processes of this user left there is removed.
func (d *workDir) make(parents []string, sockets bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return errStopped
	}
	var first error
	for _, parent := range parents {
		err := d.makeIn(parent, sockets)
		if err == nil {
			removeAbandoned(parent)
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return fmt.Errorf("a directory for sockets and keys: %w; set TMPDIR to a directory with a short path that can be written", first)
}

// workParents are the directories in which a working directory may be: TMPDIR, and others for when it is of no use. That
// of a login goes with the login, so it is the last.
func workParents() []string {
	var parents []string
	if dir, err := filepath.Abs(os.TempDir()); err == nil {
		parents = append(parents, dir)
	}
	parents = append(parents, "/tmp")
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		parents = append(parents, dir)
	}
	return parents
}

func (d *workDir) makeIn(parent string, sockets bool) error {
	if longest := len(parent) + len("/"+workPrefix+"1234567890") + socketRoom; sockets && longest > maxSocketPath {
		return fmt.Errorf("%s: %w: its path is too long", parent, errNoSockets)
	}
	const tries = 10
	for range tries { // another process may take a new directory for abandoned, before it is locked
		path, err := os.MkdirTemp(parent, workPrefix) // mode 0700
		if err != nil {
			return err
		}
		lock, err := lockDir(path)
		if errors.Is(err, errTaken) {
			continue
		}
		if err == nil && sockets {
			if err = trySocket(path); err != nil {
				lock.Close()
			}
		}
		if err != nil {
			os.Remove(path)
			return err
		}
		d.path, d.lock = path, lock
		return nil
	}
	return fmt.Errorf("%s: directories vanish as soon as they are made", parent)
}

// trySocket tells whether there can be unix sockets in a directory: some file systems have none.
func trySocket(dir string) error {
	l, err := net.Listen("unix", filepath.Join(dir, "probe"))
	if err != nil {
		return fmt.Errorf("%s: %w: %w", filepath.Dir(dir), errNoSockets, err)
	}
	return l.Close() // removes it
}

var errNoSockets = errors.New("there can be no unix sockets")

// adviseTCP adds what a command with the flag --ring can do.
func adviseTCP(err error) error {
	if errors.Is(err, errNoSockets) {
		return fmt.Errorf("%w, or use --ring tcp", err)
	}
	return err
}

var errTaken = errors.New("taken by another process")

// lockDir locks a directory that was just made.
func lockDir(path string) (*os.File, error) {
	dir, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errTaken
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == syscall.EWOULDBLOCK {
		dir.Close()
		return nil, errTaken
	} // where there are no locks nobody can take it for abandoned either
	if _, err := os.Stat(path); err != nil { // it was removed before it was locked
		dir.Close()
		return nil, errTaken
	}
	return dir, nil
}

// remove removes the directory. None will be made after it.
func (d *workDir) remove() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	if d.path != "" {
		os.RemoveAll(d.path)
		d.lock.Close()
		d.path = ""
	}
}
