package shard

import (
	"encoding/json"
	"errors"
	"fmt"
)

// index is the end of a shard: what it holds, and where.
type index struct {
	kind    string
	meta    json.RawMessage
	entries []entry
	crc     uint32 // of the encoded index
}

// totals are the records and payload bytes of all blocks.
func (x index) totals() (records, bytes int64) {
	for _, e := range x.entries {
		records += int64(e.records)
		bytes += int64(e.payload)
	}
	return records, bytes
}

// length is that of the encoded index in bytes.
func (x index) length() int { return 12 + len(x.kind) + len(x.meta) + entrySize*len(x.entries) }

func (x index) encode() []byte {
	b := make([]byte, 0, x.length())
	b = le.AppendUint32(b, uint32(len(x.kind)))
	b = append(b, x.kind...)
	b = le.AppendUint32(b, uint32(len(x.meta)))
	b = append(b, x.meta...)
	b = le.AppendUint32(b, uint32(len(x.entries)))
	for _, e := range x.entries {
		b = le.AppendUint64(b, uint64(e.offset))
		b = le.AppendUint64(b, uint64(e.first))
		b = le.AppendUint32(b, e.length)
		b = le.AppendUint32(b, e.records)
		b = le.AppendUint32(b, e.payload)
		b = le.AppendUint32(b, e.crc)
	}
	return b
}

// readIndex reads and checks header, footer and index: all of a shard but its blocks.
func (s source) readIndex() (index, error) {
	if err := s.checkHeader(); err != nil {
		return index{}, err
	}
	foot, err := s.readFooter()
	if err != nil {
		return index{}, err
	}
	b := make([]byte, foot.indexLength) // no longer than the file: readFooter has seen to it
	if _, err := s.r.ReadAt(b, foot.indexOffset); err != nil {
		return index{}, s.readError(-1, foot.indexOffset, err)
	}
	if got := checksum(b); got != foot.indexCRC {
		return index{}, s.corrupt(-1, foot.indexOffset, "index: its CRC-32C is %08x, the footer says %08x", got, foot.indexCRC)
	}
	x, err := decodeIndex(b, foot.indexOffset)
	if err != nil {
		return index{}, s.corrupt(-1, foot.indexOffset, "index: %v", err)
	}
	x.crc = foot.indexCRC
	return x, nil
}

// decodeIndex takes an index apart. The blocks must tile the bytes from the header to end.
func decodeIndex(b []byte, end int64) (index, error) {
	kind, b, ok := cutString(b)
	if !ok || len(kind) > 64 {
		return index{}, errors.New("the kind does not fit")
	}
	meta, b, ok := cutString(b)
	if !ok || len(meta) > 0 && !json.Valid(meta) {
		return index{}, errors.New("the metadata is not JSON or does not fit")
	}
	if len(b) < 4 || int64(len(b)-4) != entrySize*int64(le.Uint32(b)) {
		return index{}, fmt.Errorf("%d bytes left for its blocks are not what it says", len(b))
	}
	x := index{kind: string(kind), meta: json.RawMessage(meta), entries: make([]entry, le.Uint32(b))}
	offset, first := int64(headerSize), int64(0)
	for i, b := 0, b[4:]; i < len(x.entries); i, b = i+1, b[entrySize:] {
		e := entry{
			offset: int64(le.Uint64(b)), first: int64(le.Uint64(b[8:])), length: le.Uint32(b[16:]),
			records: le.Uint32(b[20:]), payload: le.Uint32(b[24:]), crc: le.Uint32(b[28:]),
		}
		switch {
		case e.offset != offset || e.first != first:
			return index{}, fmt.Errorf("block %d is said to begin at byte %d with record %d, not at byte %d with record %d",
				i, e.offset, e.first, offset, first)
		case e.records == 0:
			return index{}, fmt.Errorf("block %d has no records", i)
		case e.length > maxBlock || int64(e.length) != blockLength(e.records, e.payload):
			return index{}, fmt.Errorf("block %d of %d bytes cannot hold %d records of %d bytes", i, e.length, e.records, e.payload)
		case int64(e.length) > end-offset:
			return index{}, fmt.Errorf("block %d reaches into the index", i)
		}
		x.entries[i] = e
		offset += int64(e.length)
		first += int64(e.records)
	}
	if offset != end {
		return index{}, fmt.Errorf("its blocks end at byte %d, it begins at byte %d", offset, end)
	}
	return x, nil
}

// cutString cuts a length and that many bytes off the front of b.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 || uint64(le.Uint32(b)) > uint64(len(b)-4) {
		return nil, b, false
	}
	n := int(le.Uint32(b))
	return b[4 : 4+n], b[4+n:], true
}
