package shard

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
)

// place is where a set is written: a directory, or a prefix of an object store.
type place interface {
	// refuse is the error that guards a set that is there, unless it is to be replaced.
	refuse(overwrite bool) error

	// begin is called before anything is written. A set that is there is an error, unless it is to be replaced.
	begin(overwrite bool) error

	// name is what a shard is called in set.json.
	name(shard string) string

	// create begins a shard of that name, which no reader takes for one of a set.
	create(name string) (output, error)

	// left finds a shard that an earlier writer did not commit; nil: there is none.
	left(name string) (*leftover, error)

	// clear has the place hold no set of that name any more.
	clear(name string) error

	// commit makes the place hold the set, whose shards were all finished.
	commit(name string, m Manifest) error

	// abandon removes finished shards that will not be committed.
	abandon(shards []File)
}

// output is a shard that is being written.
type output interface {
	io.Writer
	finish() error // all of it is written, and stays
	leave()        // ends writing; what is there may be gone on with
	abandon()      // removes it
}

// leftover is a shard that was not committed.
type leftover struct {
	io.ReaderAt
	size  int64
	where string // for messages
	goOn  func(size int64) (output, error)
	close func() error
}

// placeOf is the place of a directory or an address. Shards in an object store bear a tag in their names.
func placeOf(dir, tag string) (place, error) {
	if !objects.Named(dir) {
		return directory(dir), nil
	}
	return newPrefix(dir, tag)
}

// directory is a place on this machine. Shards have temporary names until they are committed.
type directory string

func (d directory) begin(overwrite bool) error {
	if err := d.refuse(overwrite); err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return fmt.Errorf("cannot write shards in %s: %w", d, err)
	}
	return nil
}

func (d directory) refuse(overwrite bool) error {
	path := filepath.Join(string(d), manifestName)
	if _, err := os.Lstat(path); err == nil && !overwrite {
		return existing(path)
	}
	return nil
}

// existing is the error that guards a set.
func existing(path string) error {
	return fmt.Errorf("%s: %w; choose another directory, or --overwrite it", path, ErrSetExists)
}

func (d directory) name(shard string) string { return shard }

func (d directory) path(name string) string { return filepath.Join(string(d), name) }

func (d directory) create(name string) (output, error) {
	f, err := os.Create(d.path(name) + tempSuffix)
	if err != nil {
		return nil, fmt.Errorf("cannot write shards in %s: %w", d, err)
	}
	return &fileOutput{f: f}, nil
}

func (d directory) left(name string) (*leftover, error) {
	path := d.path(name) + tempSuffix
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	goOn := func(size int64) (output, error) {
		if err := f.Truncate(size); err != nil {
			return nil, err
		}
		_, err := f.Seek(0, io.SeekEnd)
		return &fileOutput{f: f, size: size}, err
	}
	return &leftover{ReaderAt: f, size: info.Size(), where: path, goOn: goOn, close: f.Close}, nil
}

// clear removes set.json first, then the shards.
func (d directory) clear(name string) error {
	if err := os.Remove(d.path(manifestName)); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := syncDir(string(d)); err != nil {
		return err
	}
	return sweep(string(d), name, "")
}

// commit is by renaming: a crash in between leaves shards without set.json, which no reader takes for a set and the next
// writer replaces.
func (d directory) commit(name string, m Manifest) error {
	if err := d.clear(name); err != nil {
		return err
	}
	for _, f := range m.Shards {
		if err := os.Rename(d.path(f.Name)+tempSuffix, d.path(f.Name)); err != nil {
			return err
		}
	}
	if err := sweep(string(d), name, tempSuffix); err != nil { // of a writer that was killed
		return err
	}
	if err := syncDir(string(d)); err != nil {
		return err
	}
	return writeManifest(string(d), m)
}

func (d directory) abandon(shards []File) {
	for _, f := range shards {
		os.Remove(d.path(f.Name) + tempSuffix)
	}
	os.Remove(string(d)) // fails, as it should, unless empty
}

// sweep removes the shards of that name whose file names end in suffix.
func sweep(dir, name, suffix string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		shard, ok := strings.CutSuffix(f.Name(), suffix)
		if m := shardNames.FindStringSubmatch(shard); !ok || m == nil || m[1] != name {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// fileOutput is a shard under its temporary name.
type fileOutput struct {
	f       *os.File
	size    int64
	started int64 // bytes that the system was asked to write to the disk
}

// writeEvery is how many bytes of a shard the system is asked to write at once.
const writeEvery = 4 << 20

func (o *fileOutput) Write(b []byte) (int, error) {
	count, err := o.f.Write(b)
	o.size += int64(count)
	if n := o.size - o.started; n >= writeEvery && err == nil {
		startWriting(o.f, o.started, n)
		o.started = o.size
	}
	return count, err
}

func (o *fileOutput) finish() error { return closeSynced(o.f, nil) }

func (o *fileOutput) leave() { o.f.Close() }

func (o *fileOutput) abandon() {
	o.f.Close()
	os.Remove(o.f.Name())
}

// closeSynced syncs and closes f and returns the first error, err being the one so far.
func closeSynced(f *os.File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// syncDir makes renames in dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return closeSynced(d, nil)
}
