package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Within is the operating system's file system for whoever holds the directory Dir: what changes something below Dir is done in the
// directory that Root has opened, wherever that is by now. A process that stands still between its look at who holds Dir and a
// write, while Dir is moved away and another run comes in its place, changes nothing of that run's. Reading is by path.
type Within struct {
	OS
	Dir  string
	Root *os.Root
}

var _ FS = Within{}

// in is a path below Dir as one in Root; ok is false for any other.
func (w Within) in(path string) (name string, ok bool) {
	name, err := filepath.Rel(w.Dir, path)
	return name, err == nil && name != "." && name != ".." && !strings.HasPrefix(name, ".."+string(filepath.Separator))
}

// Mkdir makes a directory that others may read.
func (w Within) Mkdir(path string) error {
	if name, ok := w.in(path); ok {
		return w.Root.Mkdir(name, 0o755)
	}
	return w.OS.Mkdir(path)
}

// Create opens a file for writing and empties it.
func (w Within) Create(path string) (Writer, error) {
	if name, ok := w.in(path); ok {
		return w.Root.Create(name)
	}
	return w.OS.Create(path)
}

// Rename moves a file.
func (w Within) Rename(from, to string) error {
	old, ok := w.in(from)
	name, also := w.in(to)
	if ok && also {
		return w.Root.Rename(old, name)
	}
	return w.OS.Rename(from, to)
}

// Remove deletes a file or an empty directory.
func (w Within) Remove(path string) error {
	if name, ok := w.in(path); ok {
		return w.Root.Remove(name)
	}
	return w.OS.Remove(path)
}

// SyncDir makes the names in a directory durable.
func (w Within) SyncDir(path string) error {
	name, ok := w.in(path)
	if path == w.Dir {
		name, ok = ".", true
	}
	if !ok {
		return w.OS.SyncDir(path)
	}
	d, err := w.Root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
