package shard

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// ResumeWriter goes on with a set whose writing ended without Commit or Abort, by a kill or a loss of power. The files
// under temporary names are read whole: what is in them up to the first damaged byte stands, the rest is removed. Of an object store
// those of opts.Tag are, of which the last that was uploaded is whole. Whoever appends the records that come after [Writer.Records],
// to a writer with the options of the first one, makes the same files as a writer that was never stopped.
func ResumeWriter(opts WriterOptions) (*Writer, error) {
	w, err := NewWriter(opts)
	if err != nil {
		return nil, err
	}
	for w.open == nil {
		name := w.place.name(shardName(w.opts.Name, len(w.shards)))
		left, err := w.place.left(name)
		if err != nil {
			return nil, fmt.Errorf("going on with %s: %w", opts.Dir, err)
		}
		if left == nil {
			return w, nil
		}
		s, whole, err := w.reopen(name, left)
		if err != nil {
			return nil, fmt.Errorf("going on with %s: %w", left.where, err)
		}
		switch {
		case s == nil:
			return w, nil
		case whole:
			w.shards = append(w.shards, s.file(opts.Kind, opts.Meta))
		default:
			w.open = s
		}
	}
	return w, nil
}

// Records is the number of records so far.
func (w *Writer) Records() int64 {
	n := int64(len(w.block.lengths))
	for _, f := range w.shards {
		n += f.Records
	}
	if w.open != nil {
		n += w.open.records
	}
	return n
}

// size is how many bytes of payload there are so far.
func (w *Writer) size() int64 {
	n := int64(len(w.block.payload))
	for _, f := range w.shards {
		n += f.Bytes
	}
	if w.open != nil {
		n += w.open.bytes
	}
	return n
}

// Shards is the number of shards that were finished so far.
func (w *Writer) Shards() int { return len(w.shards) }

// Leave ends writing without a set, so that [ResumeWriter] can go on with the blocks that are whole, or in an object store with the
// shards. It is in place of Commit and Abort.
func (w *Writer) Leave() {
	if w.open != nil {
		w.open.out.leave()
		w.open = nil
	}
}

// reopen takes up what is left of a shard, and says whether it is whole. It is nil if there is none. One that is whole is closed.
func (w *Writer) reopen(name string, left *leftover) (s *shardWriter, whole bool, err error) {
	defer func() {
		if err != nil || s == nil {
			left.close()
		}
	}()
	src := source{path: left.where, r: left, size: left.size}
	if src.checkHeader() != nil {
		return nil, false, nil
	}
	s = &shardWriter{name: name, sum: sha256.New(), size: headerSize}
	s.sum.Write(encodeHeader())
	if err := w.standing(s, src); err != nil {
		return nil, false, err
	}
	if end := s.end(w.opts.Kind, w.opts.Meta); src.size == s.size+int64(len(end)) {
		rest := make([]byte, len(end))
		if _, err := left.ReadAt(rest, s.size); err != nil {
			return nil, false, err
		}
		if bytes.Equal(rest, end) {
			s.sum.Write(end)
			s.size += int64(len(end))
			return s, true, left.close()
		}
	}
	s.out, err = left.goOn(s.size)
	return s, false, err
}

// standing takes up the blocks of a shard up to the first that is not whole.
func (w *Writer) standing(s *shardWriter, src source) error {
	for {
		var head [blockHead]byte
		if src.size-s.size < blockHead {
			return nil
		}
		if _, err := src.r.ReadAt(head[:], s.size); err != nil {
			return err
		}
		e := entry{offset: s.size, first: s.records, records: le.Uint32(head[8:]), payload: le.Uint32(head[12:])}
		length := blockLength(e.records, e.payload)
		if string(head[:4]) != blockMarker || e.records == 0 || length > maxBlock || length > src.size-s.size {
			return nil
		}
		raw := make([]byte, length)
		if _, err := src.r.ReadAt(raw, s.size); err != nil {
			return err
		}
		e.length, e.crc = uint32(length), le.Uint32(raw[length-blockTail:])
		lengths, payload, err := decodeBlock(raw, len(s.entries), e)
		if err != nil {
			return nil // damaged: what is behind it is written again
		}
		hashRecords(w.hash, w.opts.Kind, lengths, payload)
		s.sum.Write(raw)
		s.entries = append(s.entries, e)
		s.size += length
		s.records += int64(e.records)
		s.bytes += int64(e.payload)
	}
}
