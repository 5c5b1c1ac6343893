package shard

import (
	"fmt"
)

// entry is what the index knows of one block.
type entry struct {
	offset  int64  // of the block in the file
	first   int64  // number of its first record in the shard
	length  uint32 // bytes in the file: head, record lengths, payload, CRC
	records uint32
	payload uint32
	crc     uint32
}

// blockLength is the bytes a block takes in its file.
func blockLength(records, payload uint32) int64 {
	return blockHead + 4*int64(records) + int64(payload) + blockTail
}

// builder gathers the records of the block being written.
type builder struct {
	lengths []uint32
	payload []byte
}

func (b *builder) empty() bool { return len(b.lengths) == 0 }

func (b *builder) add(record []byte) {
	b.lengths = append(b.lengths, uint32(len(record)))
	b.payload = append(b.payload, record...)
}

func (b *builder) length() int64 {
	return blockHead + 4*int64(len(b.lengths)) + int64(len(b.payload)) + blockTail
}

// fits says whether a record may join the block without passing target payload bytes. The first
// record of a block always may.
func (b *builder) fits(record int, target int64) bool {
	if b.empty() {
		return true
	}
	return int64(len(b.payload))+int64(record) <= target && b.length()+int64(record)+4 <= maxBlock
}

// encode appends the block to dst, empties the builder and returns the block's CRC with it.
func (b *builder) encode(dst []byte, number int) ([]byte, uint32) {
	start := len(dst)
	dst = append(dst, blockMarker...)
	dst = le.AppendUint32(dst, uint32(number))
	dst = le.AppendUint32(dst, uint32(len(b.lengths)))
	dst = le.AppendUint32(dst, uint32(len(b.payload)))
	for _, n := range b.lengths {
		dst = le.AppendUint32(dst, n)
	}
	dst = append(dst, b.payload...)
	crc := checksum(dst[start:])
	b.lengths, b.payload = b.lengths[:0], b.payload[:0]
	return le.AppendUint32(dst, crc), crc
}

// decodeBlock checks the bytes of block number against the index and themselves. It returns the
// lengths of the records, 4 bytes each, and the payload; both alias b.
func decodeBlock(b []byte, number int, e entry) (lengths, payload []byte, err error) {
	if int64(len(b)) != int64(e.length) || int64(len(b)) != blockLength(e.records, e.payload) {
		return nil, nil, fmt.Errorf("it has %d bytes, the index says %d records and %d payload bytes",
			len(b), e.records, e.payload)
	}
	body := b[:len(b)-blockTail]
	if got, want := checksum(body), le.Uint32(b[len(body):]); got != want {
		return nil, nil, fmt.Errorf("its CRC-32C is %08x, the block says %08x", got, want)
	} else if got != e.crc {
		return nil, nil, fmt.Errorf("its CRC-32C is %08x, the index says %08x: a block of another shard", got, e.crc)
	}
	if string(b[:4]) != blockMarker {
		return nil, nil, fmt.Errorf("it begins with %q, not with %s", b[:4], blockMarker)
	}
	if n := le.Uint32(b[4:]); uint64(n) != uint64(number) {
		return nil, nil, fmt.Errorf("it calls itself block %d", n)
	}
	if r, p := le.Uint32(b[8:]), le.Uint32(b[12:]); r != e.records || p != e.payload {
		return nil, nil, fmt.Errorf("it holds %d records and %d payload bytes, the index says %d and %d",
			r, p, e.records, e.payload)
	}
	lengths = body[blockHead : blockHead+4*int(e.records)]
	var sum uint64
	for i := 0; i < len(lengths); i += 4 {
		sum += uint64(le.Uint32(lengths[i:]))
	}
	if sum != uint64(e.payload) {
		return nil, nil, fmt.Errorf("its records add up to %d bytes, its payload is %d", sum, e.payload)
	}
	return lengths, body[blockHead+len(lengths):], nil
}

// readBlock loads one block into a fresh slice and checks it.
func (s source) readBlock(number int, e entry) (lengths, payload []byte, raw []byte, err error) {
	raw = make([]byte, e.length)
	if _, err := s.r.ReadAt(raw, e.offset); err != nil {
		return nil, nil, nil, s.readError(number, e.offset, err)
	}
	lengths, payload, err = decodeBlock(raw, number, e)
	if err != nil {
		return nil, nil, raw, s.corrupt(number, e.offset, "%v", err)
	}
	return lengths, payload, raw, nil
}

// cutShort explains a file whose end is not the end of a shard: it walks the blocks from the front
// to the first that is not whole.
func (s source) cutShort(what string) error {
	const walk = 1 << 20 // enough for 64 GiB of text, and an end for a file that only pretends
	offset := int64(headerSize)
	for number := 0; number < walk && (s.blocks == 0 || number < s.blocks); number++ {
		if s.size-offset < blockHead {
			return s.corrupt(number, offset, "cut short: the file ends at byte %d (%s)", s.size, what)
		}
		var b [blockHead]byte
		if _, err := s.r.ReadAt(b[:], offset); err != nil {
			return s.readError(number, offset, err)
		}
		if string(b[:4]) != blockMarker {
			break // past the last block, in what should be the index
		}
		length := blockLength(le.Uint32(b[8:]), le.Uint32(b[12:]))
		if length > s.size-offset {
			return s.corrupt(number, offset, "cut short: the file ends at byte %d (%s)", s.size, what)
		}
		offset += length
	}
	return s.corrupt(-1, offset, "cut short or damaged after its blocks (%s)", what)
}
