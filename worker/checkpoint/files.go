package checkpoint

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/data/objects"
)

// Files are the files of this machine, and, where a path is an address like s3://bucket/runs/a, objects of a store. There
// are no directories there, a file is put whole or not at all, and a manifest only where none is.
type Files struct{ OS }

var _ FS = Files{}

// pointerName is the object in a directory of checkpoints that names the one that was committed last: lists of a store may
// lag behind.
const pointerName = "newest"

// Mkdir makes a directory; a store needs none.
func (f Files) Mkdir(path string) error {
	if objects.Named(path) {
		return nil
	}
	return f.OS.Mkdir(path)
}

// SyncDir makes the names in a directory durable; those of a store are.
func (f Files) SyncDir(path string) error {
	if objects.Named(path) {
		return nil
	}
	return f.OS.SyncDir(path)
}

// ReadDir lists the names in a directory, sorted. In a store it may hold names of what is gone, and lack new ones, but
// never the checkpoint that was committed last.
func (f Files) ReadDir(path string) ([]string, error) {
	if !objects.Named(path) {
		return f.OS.ReadDir(path)
	}
	b, key, err := objects.At(path)
	if err != nil {
		return nil, err
	}
	names, err := b.List(context.Background(), key)
	if err != nil {
		return nil, err
	}
	if _, step := stepOf(filepath.Base(path)); !step {
		if newest := pointed(path); newest != "" && !slices.Contains(names, newest) {
			names = append(names, newest)
		}
	}
	slices.Sort(names)
	return names, nil
}

// pointed is the directory of the checkpoint that was committed last, or empty.
func pointed(dir string) string {
	b, key, err := objects.At(objects.Join(dir, pointerName))
	if err != nil {
		return ""
	}
	text, _, err := b.Get(context.Background(), key, 64)
	if _, ok := stepOf(string(text)); err != nil || !ok {
		return "" // what the list shows is then all there is to know
	}
	return string(text)
}

// Open opens a file for reading.
func (f Files) Open(path string) (Reader, error) {
	if !objects.Named(path) {
		return f.OS.Open(path)
	}
	o, err := objects.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	return remoteReader{objects.NewAhead(o)}, nil
}

type remoteReader struct{ *objects.Ahead }

func (r remoteReader) Size() (int64, error) { return r.Ahead.Size(), nil }

// Create is for files of this machine; a store's objects are put.
func (f Files) Create(path string) (Writer, error) {
	if objects.Named(path) {
		return nil, fmt.Errorf("%s cannot be written in place", path)
	}
	return f.OS.Create(path)
}

// Rename is for files of this machine, likewise.
func (f Files) Rename(from, to string) error {
	if objects.Named(to) {
		return fmt.Errorf("%s cannot be renamed", from)
	}
	return f.OS.Rename(from, to)
}

// Remove deletes a file or an empty directory; that a store has none is no error.
func (f Files) Remove(path string) error {
	if !objects.Named(path) {
		return f.OS.Remove(path)
	}
	b, key, err := objects.At(path)
	if err != nil {
		return err
	}
	return b.Delete(context.Background(), key)
}

// put makes an object; fs.ErrExist is the error where it is to be new and is not.
func (Files) put(path string, fresh bool, write func(io.Writer) error) error {
	b, key, err := objects.At(path)
	if err != nil {
		return err
	}
	when := objects.Always
	if fresh {
		when = objects.IfAbsent
	}
	w := b.Create(context.Background(), key, when)
	buffered := bufio.NewWriterSize(w, bufferSize)
	if err := write(buffered); err != nil {
		w.Abort()
		return err
	}
	if err := buffered.Flush(); err != nil {
		w.Abort()
		return err
	}
	return w.Commit()
}

// point says in a store which checkpoint was committed last. Without it only a list that lags behind could hide that one.
func (f Files) point(dir string, step uint64) {
	_ = f.put(objects.Join(dir, pointerName), false, func(w io.Writer) error {
		_, err := io.WriteString(w, DirName(step))
		return err
	})
}

// identifyRemote is [Identify] in a store, which is asked first whether all that a run does there is allowed.
func identifyRemote(dir string) (string, error) {
	ctx := context.Background()
	if err := objects.Probe(ctx, dir); err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	path := objects.Join(dir, identityName)
	b, key, err := objects.At(path)
	if err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	_, err = b.Put(ctx, key, []byte(rand.Text()+"\n"), objects.IfAbsent)
	if err != nil && !errors.Is(err, iofs.ErrExist) {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	text, _, err := b.Get(ctx, key, 64)
	if err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	if !identities.Match(text) {
		return "", fmt.Errorf("checkpoint.dir: %s is not what Rondo writes; remove it while no run uses the directory", path)
	}
	return string(bytes.TrimSpace(text)), nil
}
