package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeWhole writes a file that appears at path when it is whole and on disk, and returns its size. An interruption leaves nothing of
// it. A link stays one, to the new file; what is no regular file, such as /dev/stdout, is written to.
func writeWhole(path string, write func(io.Writer) error) (size int64, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeThrough(path, write)
	}
	at := path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		at = target
	}
	f, err := os.CreateTemp(filepath.Dir(at), ".new-*")
	if err != nil {
		return 0, insteadOf(path, err)
	}
	defer removeOnSignal(f.Name())()
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err = write(f); err == nil {
		size, err = f.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return size, os.Rename(f.Name(), at)
}

// insteadOf is an error about a file for the time being, said of the file that it was to become.
func insteadOf(path string, err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: no file can be made there: %w", path, at.Err)
	}
	return err
}

// writeThrough writes to a device or a pipe.
func writeThrough(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	out := &countedWriter{w: f}
	b := bufio.NewWriter(out)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return out.size, nil
}

// countedWriter counts what it passes on.
type countedWriter struct {
	w    io.Writer
	size int64
}

func (c *countedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.size += int64(n)
	return n, err
}
