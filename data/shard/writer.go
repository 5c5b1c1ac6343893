package shard

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
)

// Defaults of a [Writer].
const (
	DefaultShardBytes = 64 << 20
	DefaultBlockBytes = 64 << 10
)

// WriterOptions say what set to write, and where.
type WriterOptions struct {
	Dir  string // directory of the set; made if need be
	Name string // its shards are NAME-00000.shard, ...; letters, digits, '_', '.', '-'
	Kind string // what a record is, such as [KindText]; at most 64 bytes
	Meta json.RawMessage

	// ShardBytes is the file size at which the next shard begins; 0 means DefaultShardBytes. A shard
	// passes it only where one block alone does. Small shards move well, large ones open fast.
	ShardBytes int64

	// BlockBytes is the payload a block is filled to; 0 means DefaultBlockBytes. A read loads and
	// checks whole blocks and each row of a batch keeps one, so small blocks save memory and large
	// ones time. A record of more bytes makes a block of its own.
	BlockBytes int64

	// Overwrite replaces a set that is already in Dir. Without it such a set is an error.
	Overwrite bool
}

// Writer writes one set. Its files have temporary names until [Writer.Commit], so a writer that
// stops half-way leaves no set. A Writer is not for concurrent use.
type Writer struct {
	opts   WriterOptions
	block  builder
	buf    []byte // the encoded block; reused
	open   *shardWriter
	shards []File
	hash   hash.Hash
	sealed bool
	set    Manifest
}

// NewWriter checks opts and makes the directory. Nothing is written before the first Append.
func NewWriter(opts WriterOptions) (*Writer, error) {
	if opts.ShardBytes == 0 {
		opts.ShardBytes = DefaultShardBytes
	}
	if opts.BlockBytes == 0 {
		opts.BlockBytes = DefaultBlockBytes
	}
	switch {
	case opts.ShardBytes < 0:
		return nil, fmt.Errorf("shard size %d: it must be positive", opts.ShardBytes)
	case opts.BlockBytes < 0 || opts.BlockBytes > maxBlock/2:
		return nil, fmt.Errorf("block size %d: it must be from 1 to %d bytes", opts.BlockBytes, maxBlock/2)
	case !shardNames.MatchString(shardName(opts.Name, 0)):
		return nil, fmt.Errorf("set name %q: letters, digits, '_', '.' and '-' only", opts.Name)
	case opts.Kind == "" || len(opts.Kind) > 64:
		return nil, fmt.Errorf("kind %q: it must have from 1 to 64 bytes", opts.Kind)
	case len(opts.Meta) > 1<<20 || len(opts.Meta) > 0 && !json.Valid(opts.Meta):
		return nil, fmt.Errorf("metadata of kind %q: not JSON of at most 1 MiB", opts.Kind)
	}
	if err := refuseExisting(opts.Dir, opts.Overwrite); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot write shards in %s: %w", opts.Dir, err)
	}
	return &Writer{opts: opts, hash: newHash(opts.Kind, opts.Meta)}, nil
}

// refuseExisting is the error that guards a set already in dir.
func refuseExisting(dir string, overwrite bool) error {
	path := filepath.Join(dir, manifestName)
	if _, err := os.Lstat(path); err == nil && !overwrite {
		return fmt.Errorf("%s: %w; choose another directory, or --overwrite it", path, ErrSetExists)
	}
	return nil
}

// Append adds one record, which is copied.
func (w *Writer) Append(record []byte) error {
	if len(record) > maxBlock/2 {
		return fmt.Errorf("a record of %d bytes: at most %d fit a block", len(record), maxBlock/2)
	}
	if !w.block.fits(len(record), w.opts.BlockBytes) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	hashRecord(w.hash, w.opts.Kind, record)
	w.block.add(record)
	return nil
}

// room is how many bytes of text still go into the present block, at least 1.
func (w *Writer) room() int {
	if n := w.opts.BlockBytes - int64(len(w.block.payload)); n > 0 && w.block.fits(int(n), w.opts.BlockBytes) {
		return int(n)
	}
	return int(w.opts.BlockBytes)
}

// flush writes the present block to its shard.
func (w *Writer) flush() error {
	if w.block.empty() {
		return nil
	}
	if w.open != nil && !w.open.fits(w.block.length(), w.opts) {
		if err := w.closeShard(); err != nil {
			return err
		}
	}
	if w.open == nil {
		s, err := createShard(filepath.Join(w.opts.Dir, shardName(w.opts.Name, len(w.shards))))
		if err != nil {
			return fmt.Errorf("cannot write shards in %s: %w", w.opts.Dir, err)
		}
		w.open = s
	}
	var err error
	w.buf, err = w.open.writeBlock(&w.block, w.buf[:0])
	return err
}

func (w *Writer) closeShard() error {
	f, err := w.open.finish(w.opts.Kind, w.opts.Meta)
	if err != nil {
		return err
	}
	w.open = nil
	w.shards = append(w.shards, f)
	return nil
}

// seal writes and syncs all that is left, still under temporary names.
func (w *Writer) seal() error {
	if w.sealed {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	if w.open != nil {
		if err := w.closeShard(); err != nil {
			return err
		}
	}
	if len(w.shards) == 0 {
		return fmt.Errorf("the set in %s has no records", w.opts.Dir)
	}
	w.sealed = true
	w.set = Manifest{
		Format: manifestFormat, Version: Version, Kind: w.opts.Kind, Meta: w.opts.Meta,
		Hash: hex.EncodeToString(w.hash.Sum(nil)), Shards: w.shards,
	}
	for _, f := range w.shards {
		w.set.Size += f.Bytes
		w.set.Records += f.Records
	}
	return nil
}

// Commit puts the set in place: an older set ceases to be one, the shards get their names, and
// set.json comes last. A crash between leaves shards without set.json, which no reader takes for a
// set and the next writer replaces.
func (w *Writer) Commit() (Manifest, error) {
	if err := w.seal(); err != nil {
		w.Abort()
		return Manifest{}, err
	}
	dir := w.opts.Dir
	if err := dropSet(dir, w.opts.Name); err != nil {
		return Manifest{}, err
	}
	for _, f := range w.shards {
		path := filepath.Join(dir, f.Name)
		if err := os.Rename(path+tempSuffix, path); err != nil {
			return Manifest{}, err
		}
	}
	if err := sweep(dir, w.opts.Name, tempSuffix); err != nil { // of a writer that was killed
		return Manifest{}, err
	}
	if err := syncDir(dir); err != nil {
		return Manifest{}, err
	}
	return w.set, writeManifest(dir, w.set)
}

// Abort removes what was written so far. It is for a writer that will not be committed.
func (w *Writer) Abort() {
	if w.open != nil {
		w.open.abandon()
		w.open = nil
	}
	for _, f := range w.shards {
		os.Remove(filepath.Join(w.opts.Dir, f.Name+tempSuffix))
	}
	os.Remove(w.opts.Dir) // fails, as it should, unless empty
}

// dropSet makes the directory hold no set: set.json goes first, then the shards of that name.
func dropSet(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	return sweep(dir, name, "")
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
