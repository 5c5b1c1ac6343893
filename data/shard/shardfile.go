package shard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// tempSuffix marks a file that is not finished.
const tempSuffix = ".tmp"

// shardWriter writes one shard from front to back.
type shardWriter struct {
	name    string // the final one
	out     output
	sum     hash.Hash
	size    int64
	records int64
	bytes   int64
	entries []entry
}

func createShard(p place, name string) (*shardWriter, error) {
	out, err := p.create(name)
	if err != nil {
		return nil, err
	}
	s := &shardWriter{name: name, out: out, sum: sha256.New()}
	if err := s.write(encodeHeader()); err != nil {
		out.abandon()
		return nil, err
	}
	return s, nil
}

func (s *shardWriter) write(b []byte) error {
	s.sum.Write(b)
	s.size += int64(len(b))
	_, err := s.out.Write(b)
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

// finish writes index and footer, so that all of it stays. It is not committed yet.
func (s *shardWriter) finish(kind string, meta json.RawMessage) (File, error) {
	if err := s.write(s.end(kind, meta)); err != nil {
		return File{}, err
	}
	return s.file(kind, meta), s.out.finish()
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
		Name: s.name, Size: s.size, Blocks: len(s.entries), Records: s.records, Bytes: s.bytes,
		Index: fmt.Sprintf("%08x", checksum(x)), SHA256: hex.EncodeToString(s.sum.Sum(nil)),
	}
}
