package shard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"path/filepath"
)

// tempSuffix marks a file that is not finished.
const tempSuffix = ".tmp"

// shardWriter writes one shard from front to back, under its temporary name.
type shardWriter struct {
	path    string // the final one
	f       *os.File
	sum     hash.Hash
	size    int64
	records int64
	bytes   int64
	entries []entry
	started int64 // bytes that the system was asked to write to the disk
}

// writeEvery is how many bytes of a shard the system is asked to write at once.
const writeEvery = 4 << 20

func createShard(path string) (*shardWriter, error) {
	f, err := os.Create(path + tempSuffix)
	if err != nil {
		return nil, err
	}
	s := &shardWriter{path: path, f: f, sum: sha256.New()}
	if err := s.write(encodeHeader()); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

func (s *shardWriter) write(b []byte) error {
	s.sum.Write(b)
	s.size += int64(len(b))
	_, err := s.f.Write(b)
	if n := s.size - s.started; n >= writeEvery && err == nil {
		startWriting(s.f, s.started, n)
		s.started = s.size
	}
	return err
}

// fits says whether a block of so many bytes still belongs in this shard.
func (s *shardWriter) fits(length int64, opts WriterOptions) bool {
	tail := int64(12+len(opts.Kind)+len(opts.Meta)) + entrySize*int64(len(s.entries)+1)
	return s.size+length+tail+footerSize <= opts.ShardBytes && tail <= maxIndex
}

// writeBlock writes and empties the block, using and returning buf.
func (s *shardWriter) writeBlock(b *builder, buf []byte) ([]byte, error) {
	e := entry{offset: s.size, first: s.records, records: uint32(len(b.lengths)), payload: uint32(len(b.payload))}
	buf, e.crc = b.encode(buf, len(s.entries))
	e.length = uint32(len(buf))
	s.entries = append(s.entries, e)
	s.records += int64(e.records)
	s.bytes += int64(e.payload)
	return buf, s.write(buf)
}

// finish writes index and footer and syncs. The file keeps its temporary name.
func (s *shardWriter) finish(kind string, meta json.RawMessage) (File, error) {
	err := s.write(s.end(kind, meta))
	if err := closeSynced(s.f, err); err != nil {
		return File{}, err
	}
	return s.file(kind, meta), nil
}

// end is index and footer of a shard of the blocks so far.
func (s *shardWriter) end(kind string, meta json.RawMessage) []byte {
	x := index{kind: kind, meta: meta, entries: s.entries}.encode()
	foot := footer{indexOffset: s.size, indexLength: int64(len(x)), indexCRC: checksum(x)}
	return append(x, foot.encode()...)
}

// file describes a shard that is whole.
func (s *shardWriter) file(kind string, meta json.RawMessage) File {
	x := index{kind: kind, meta: meta, entries: s.entries}.encode()
	return File{
		Name: filepath.Base(s.path), Size: s.size, Blocks: len(s.entries), Records: s.records, Bytes: s.bytes,
		Index: fmt.Sprintf("%08x", checksum(x)), SHA256: hex.EncodeToString(s.sum.Sum(nil)),
	}
}

func (s *shardWriter) abandon() {
	s.f.Close()
	os.Remove(s.path + tempSuffix)
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
