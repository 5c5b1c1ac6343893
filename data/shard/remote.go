package shard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/rondo-ml/rondo/data/objects"
)

// shardFile is a shard that is open for reading.
type shardFile interface {
	io.ReaderAt
	io.Closer
}

// remoteFile is a shard in an object store. It is read by ranges and holds nothing open.
type remoteFile struct{ *objects.Object }

func (remoteFile) Close() error { return nil }

// openRemote finds the object of a shard, and how many bytes it has.
func openRemote(path string, want File) (shardFile, int64, error) {
	o, err := objects.Open(context.Background(), path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, missing(path, want, err)
	}
	if err != nil {
		return nil, 0, err
	}
	return remoteFile{o}, o.Size(), nil
}

// openLocal opens the file of a shard.
func openLocal(path string, want File) (shardFile, int64, error) {
	info, err := os.Stat(path) // before opening: a pipe would wait for ever
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, missing(path, want, err)
	}
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &CorruptError{Shard: path, Block: -1, What: "not a regular file"}
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

func missing(path string, want File, err error) error {
	return &CorruptError{Shard: path, Block: -1, err: err,
		What: fmt.Sprintf("the file is missing; set.json lists it with %d bytes", want.Size)}
}

// readRemoteManifest reads the set.json of a set in an object store.
func readRemoteManifest(dir string) (Manifest, error) {
	path := objects.Join(dir, manifestName)
	b, key, err := objects.At(path)
	if err != nil {
		return Manifest{}, err
	}
	text, _, err := b.Get(context.Background(), key, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, noRemoteManifest(dir, err)
	}
	if err != nil {
		return Manifest{}, err
	}
	return decodeManifest(path, text)
}

// noRemoteManifest explains a prefix without a set.json.
func noRemoteManifest(dir string, err error) error {
	train := objects.Join(dir, trainName)
	if o, looked := objects.Open(context.Background(), objects.Join(train, manifestName)); looked == nil && o.Size() > 0 {
		return fmt.Errorf("no shard set in %s: %w; there is one in %s", dir, err, train)
	}
	return fmt.Errorf("no shard set in %s: %w; copy DIR/train there whole, set.json last", dir, err)
}

// window reads an object of which much will be read, a range at a time: what is asked for comes out of the last one where it
// can. It is not for concurrent use.
type window struct {
	shardFile
	size  int64
	start int64
	bytes []byte
	most  int64
}

// scanWindow is the range that a shard is read by from front to back, and endWindow what is read of its end at once: footer and,
// mostly, index.
const (
	scanWindow = 8 << 20
	endWindow  = 256 << 10
)

func (w *window) ReadAt(p []byte, off int64) (int, error) {
	end := off + int64(len(p))
	if end > w.size || int64(len(p)) > w.most {
		return w.shardFile.ReadAt(p, off)
	}
	if off < w.start || end > w.start+int64(len(w.bytes)) {
		start := off
		if start+w.most > w.size {
			start = max(0, w.size-w.most) // the end is read backwards
		}
		n := min(w.most, w.size-start)
		if int64(cap(w.bytes)) < n {
			w.bytes = make([]byte, n)
		}
		w.bytes = w.bytes[:n]
		if _, err := w.shardFile.ReadAt(w.bytes, start); err != nil {
			w.bytes = w.bytes[:0]
			return 0, err
		}
		w.start = start
	}
	return copy(p, w.bytes[off-w.start:]), nil
}

// windowed has a shard in an object store read by ranges of so many bytes; a file of this machine is as it was.
func windowed(f shardFile, size, most int64) shardFile {
	if _, remote := f.(remoteFile); !remote {
		return f
	}
	return &window{shardFile: f, size: size, most: most}
}

// inParallel calls do for 0 to n-1, with so many at once, until one fails, and returns the error of the lowest number.
func inParallel(n, most int, do func(i int) error) error {
	errs := make([]error, n)
	turn := make(chan struct{}, most)
	var failed atomic.Bool
	var all sync.WaitGroup
	for i := range n {
		turn <- struct{}{}
		if failed.Load() {
			break
		}
		all.Go(func() {
			defer func() { <-turn }()
			if errs[i] = do(i); errs[i] != nil {
				failed.Store(true)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// remoteSetDirs is [SetDirs] in an object store.
func remoteSetDirs(dir string) (dirs []string, err error) {
	there := func(at string) bool {
		_, looked := objects.Open(context.Background(), objects.Join(at, manifestName))
		if looked != nil && !errors.Is(looked, fs.ErrNotExist) {
			err = looked
		}
		return looked == nil
	}
	if there(dir) {
		return []string{dir}, nil
	}
	for _, name := range []string{trainName, validName} {
		if at := objects.Join(dir, name); there(at) {
			dirs = append(dirs, at)
		}
	}
	if err == nil && len(dirs) == 0 {
		_, err = readManifest(dir)
	}
	return dirs, err
}
