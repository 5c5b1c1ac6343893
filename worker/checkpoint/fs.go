package checkpoint

import (
	"fmt"
	"io"
	"os"
)

// FS is the little of a file system that checkpoints need. Errors are those of package os: errors.Is with
// fs.ErrNotExist and fs.ErrExist must work. Tests inject one that fails and crashes at will.
type FS interface {
	Mkdir(path string) error               // one directory, whose parent exists
	ReadDir(path string) ([]string, error) // names, sorted
	Create(path string) (Writer, error)    // empties a file that is there
	Open(path string) (Reader, error)
	Rename(from, to string) error // within one directory; replaces a file that is there
	Remove(path string) error     // a file or an empty directory
	SyncDir(path string) error    // makes the names in a directory durable
}

// Writer is a file being written. What was written is durable once Sync has returned.
type Writer interface {
	io.Writer
	Sync() error
	Close() error
}

// Reader is a file being read.
type Reader interface {
	io.ReaderAt
	Size() (int64, error)
	Close() error
}

// OS is the operating system's file system.
type OS struct{}

var _ FS = OS{}

// Mkdir makes a directory that others may read.
func (OS) Mkdir(path string) error { return os.Mkdir(path, 0o755) }

// ReadDir lists the names in a directory, sorted.
func (OS) ReadDir(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// Create opens a file for writing and empties it.
func (OS) Create(path string) (Writer, error) { return os.Create(path) }

// Open opens a file for reading.
func (OS) Open(path string) (Reader, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return osReader{f}, nil
}

// openFile opens a file for reading. A pipe in its place, which others may have
// put there, would wait for ever, and is refused.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	return os.Open(path)
}

// Rename moves a file.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove deletes a file or an empty directory.
func (OS) Remove(path string) error { return os.Remove(path) }

// SyncDir makes the names in a directory durable.
func (OS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}

type osReader struct{ *os.File }

func (r osReader) Size() (int64, error) {
	stat, err := r.Stat()
	if err != nil {
		return 0, err
	}
	return stat.Size(), nil
}
