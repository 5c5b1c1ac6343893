package shard

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// Defaults of a [Writer].
const (
	DefaultShardBytes = 64 << 20
	DefaultBlockBytes = 64 << 10
)

// WriterOptions say what set to write, and where.
type WriterOptions struct {
	Dir  string // directory of the set, made if need be, or an address in an object store
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

	// Tag tells the shards of this cut from those of all others in an object store, where they are NAME.TAG-00000.shard, ...:
	// lower-case letters and digits; "" means a new one. In a directory it means nothing.
	Tag string

	// Overwrite replaces a set that is already in Dir. Without it such a set is an error.
	Overwrite bool
}

// Writer writes one set. Its files have temporary names until [Writer.Commit], or in an object store no set.json that names
// them, so a writer that stops half-way leaves no set. A Writer is not for concurrent use.
type Writer struct {
	opts   WriterOptions
	place  place
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
	case len(opts.Meta) > maxMeta:
		return nil, fmt.Errorf("what the set says of itself has %d bytes, and %d are allowed: fewer classes, symbols or words, or shorter names, take less",
			len(opts.Meta), maxMeta)
	case len(opts.Meta) > 0 && !json.Valid(opts.Meta):
		return nil, fmt.Errorf("metadata of kind %q: not JSON", opts.Kind)
	}
	place, err := placeOf(opts.Dir, opts.Tag)
	if err == nil {
		err = place.begin(opts.Overwrite)
	}
	if err != nil {
		return nil, err
	}
	return &Writer{opts: opts, place: place, hash: newHash(opts.Kind, opts.Meta)}, nil
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
		s, err := createShard(w.place, w.place.name(shardName(w.opts.Name, len(w.shards))))
		if err != nil {
			return err
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

// Commit puts the set in place: an older set ceases to be one, and set.json comes last.
func (w *Writer) Commit() (Manifest, error) {
	if err := w.seal(); err != nil {
		w.Abort()
		return Manifest{}, err
	}
	return w.set, w.place.commit(w.opts.Name, w.set)
}

// Abort removes what was written so far. It is for a writer that will not be committed.
func (w *Writer) Abort() {
	if w.open != nil {
		w.open.out.abandon()
		w.open = nil
	}
	w.place.abandon(w.shards)
}
