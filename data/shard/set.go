package shard

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/rondo-ml/rondo/data/objects"
)

// DefaultCacheBlocks is how many blocks a [Set] keeps unless told otherwise.
const DefaultCacheBlocks = 64

// Options tune the reading of a set.
type Options struct {
	// CacheBlocks is the number of blocks kept in memory; 0 means DefaultCacheBlocks. Rows that each
	// walk their own part of the text need one block each, and a second where a row crosses from
	// block to block; with fewer, blocks are read again and again. [NewStreams] raises it to that.
	CacheBlocks int
}

// Set is a set opened for reading. It holds no file open and is safe for concurrent use.
type Set struct {
	dir      string
	manifest Manifest
	paths    []string // of the shards
	blocks   []block  // of all shards, in order
	cache    *cache
	remote   []shardFile // the shards, where they are in an object store
	readAll  sync.Once
	turns    chan struct{} // holds one for each block that is read before it is asked for
}

// block is one block within the set.
type block struct {
	entry
	shard  int   // index in paths
	number int   // within the shard
	start  int64 // of its payload in the text
	record int64 // number of its first record in the set
}

// Open opens the set in dir, such as DIR/train or s3://BUCKET/DIR/train. It reads set.json and the index of each shard, and
// no block: damage within a block shows when the block is read, or by [Verify].
func Open(dir string) (*Set, error) { return OpenWith(dir, Options{}) }

// OpenWith is [Open] with options.
func OpenWith(dir string, opts Options) (*Set, error) {
	if opts.CacheBlocks < 0 {
		return nil, fmt.Errorf("a cache of %d blocks: it must be 0 (for %d) or more", opts.CacheBlocks, DefaultCacheBlocks)
	}
	if opts.CacheBlocks == 0 {
		opts.CacheBlocks = DefaultCacheBlocks
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	s := &Set{dir: dir, manifest: m, turns: make(chan struct{}, atOnce)}
	s.cache = newCache(opts.CacheBlocks, s.load)
	indexes, err := s.openIndexes()
	if err != nil {
		return nil, err
	}
	start, record := int64(0), int64(0)
	for i, x := range indexes {
		for n, e := range x.entries {
			s.blocks = append(s.blocks, block{entry: e, shard: i, number: n, start: start, record: record})
			start += int64(e.payload)
			record += int64(e.records)
		}
	}
	return s, nil
}

// Cache raises the number of blocks that are kept in memory, once they were read, to about so many bytes. A set that is
// read in another order than its own wants all of itself.
func (s *Set) Cache(bytes int64) {
	n := int64(len(s.blocks))
	if size := s.Size(); size > bytes {
		n = n * bytes / size
	}
	s.cache.atLeast(int(n))
}

// openIndexes reads the indexes of all shards, in an object store many at once.
func (s *Set) openIndexes() ([]index, error) {
	shards := s.manifest.Shards
	indexes, most := make([]index, len(shards)), 1
	if objects.Named(s.dir) {
		s.remote, most = make([]shardFile, len(shards)), atOnce
	}
	for _, f := range shards {
		s.paths = append(s.paths, objects.Join(s.dir, f.Name))
	}
	return indexes, inParallel(len(shards), most, func(i int) (err error) {
		indexes[i], err = s.openIndex(i)
		return err
	})
}

// openIndex reads the index of one shard and holds it against set.json.
func (s *Set) openIndex(i int) (index, error) {
	want := s.manifest.Shards[i]
	f, src, err := openShard(s.paths[i], want)
	if err != nil {
		return index{}, err
	}
	if s.remote != nil {
		s.remote[i] = f
	}
	defer f.Close()
	src.r = windowed(f, src.size, endWindow)
	x, err := src.readIndex()
	if err != nil {
		return index{}, err
	}
	return x, src.matches(x, want, s.manifest.Kind)
}

// openShard opens a shard, which must have the size that set.json says.
func openShard(path string, want File) (shardFile, source, error) {
	open := openLocal
	if objects.Named(path) {
		open = openRemote
	}
	f, size, err := open(path, want)
	if err != nil {
		return nil, source{}, err
	}
	src := source{path: path, r: f, size: size, blocks: want.Blocks}
	switch {
	case src.size < want.Size:
		err = src.cutShort(fmt.Sprintf("set.json says %d bytes", want.Size))
	case src.size > want.Size:
		err = src.corrupt(-1, want.Size, "the file has %d bytes, set.json says %d", src.size, want.Size)
	}
	if err != nil {
		f.Close()
		return nil, source{}, err
	}
	return f, src, nil
}

// matches holds an index against what set.json says of its shard.
func (s source) matches(x index, want File, kind string) error {
	records, bytes := x.totals()
	switch {
	case x.kind != kind:
		return s.corrupt(-1, 0, "index: kind %q, set.json says %q", x.kind, kind)
	case len(x.entries) != want.Blocks || records != want.Records || bytes != want.Bytes:
		return s.corrupt(-1, 0, "index: %d blocks, %d records, %d bytes; set.json says %d, %d, %d",
			len(x.entries), records, bytes, want.Blocks, want.Records, want.Bytes)
	case fmt.Sprintf("%08x", x.crc) != want.Index:
		return s.corrupt(-1, 0, "index: its CRC-32C is %08x, set.json says %s: a shard of another set", x.crc, want.Index)
	}
	return nil
}

// Dir is the directory the set was opened in.
func (s *Set) Dir() string { return s.dir }

// Kind says what a record of the set is.
func (s *Set) Kind() string { return s.manifest.Kind }

// Meta is what the writer noted for readers of this kind: JSON, or nothing. It is a copy.
func (s *Set) Meta() json.RawMessage { return slices.Clone(s.manifest.Meta) }

// Size is the length of the text in bytes.
func (s *Set) Size() int64 { return s.manifest.Size }

// Shards is the number of files.
func (s *Set) Shards() int { return len(s.paths) }

// Records is the number of records in all shards.
func (s *Set) Records() int64 { return s.manifest.Records }

// Hash is the hexadecimal SHA-256 of the content (see [Manifest]), the name of the data: two sets
// with the same text have the same, however they were cut.
func (s *Set) Hash() string { return s.manifest.Hash }

// ReadAt reads the text from byte off, as [io.ReaderAt] has it: fewer bytes than asked for come
// with an error, which is [io.EOF] at the end. A damaged block is a [*CorruptError]; no byte of it
// is handed out.
func (s *Set) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("reading %s at byte %d: before its start", s.dir, off)
	}
	for n < len(p) {
		if off >= s.Size() {
			return n, io.EOF
		}
		i := s.find(off)
		b, err := s.cache.get(i)
		if err != nil {
			return n, err
		}
		c := copy(p[n:], b.payload[off-s.blocks[i].start:])
		n, off = n+c, off+int64(c)
	}
	return n, nil
}

// find is the block that holds byte off < Size of the text.
func (s *Set) find(off int64) int {
	return sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].start > off }) - 1
}

// Record gives record i, from 0 to Records()-1. It may be a part of a block that others read too, so it must not be
// changed. A damaged block is a [*CorruptError].
func (s *Set) Record(i int64) ([]byte, error) {
	if i < 0 || i >= s.Records() {
		return nil, fmt.Errorf("record %d of %s, which has records 0 to %d", i, s.dir, s.Records()-1)
	}
	n := s.blockOf(i)
	b, err := s.cache.get(n)
	if err != nil {
		return nil, err
	}
	start := int64(0)
	lengths := b.lengths
	for range i - s.blocks[n].record {
		start += int64(le.Uint32(lengths))
		lengths = lengths[4:]
	}
	end := start + int64(le.Uint32(lengths))
	return b.payload[start:end:end], nil
}

// blockOf is the block that holds a record.
func (s *Set) blockOf(record int64) int {
	return sort.Search(len(s.blocks), func(n int) bool { return s.blocks[n].record > record }) - 1
}

// load reads and checks one block. A file is opened anew each time: beside the block's bytes
// that costs little, and the set need not be closed.
func (s *Set) load(i int) (content, error) {
	b := s.blocks[i]
	if s.remote != nil {
		src := source{path: s.paths[b.shard], r: s.remote[b.shard], size: s.manifest.Shards[b.shard].Size}
		lengths, payload, _, err := src.readBlock(b.number, b.entry)
		return content{lengths, payload}, err
	}
	f, src, err := openShard(s.paths[b.shard], s.manifest.Shards[b.shard])
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	lengths, payload, _, err := src.readBlock(b.number, b.entry)
	return content{lengths, payload}, err
}
