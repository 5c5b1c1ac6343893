package shard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// Version is the number of the shard format and of set.json that this package writes and reads.
const Version = 1

// KindText is the kind of sets whose payload is one long text.
const KindText = "text"

const (
	headMagic   = "RONDOSHD"
	footMagic   = "RONDOEND"
	blockMarker = "RBLK"

	headerSize = 16 // magic, version, CRC
	footerSize = 32 // index offset, length, CRC, version, CRC, magic
	entrySize  = 32 // one block in the index
	blockHead  = 16 // marker, number, records, payload bytes
	blockTail  = 4  // CRC

	// Limits of what is read into memory in one piece, and so of what is written.
	maxIndex = 64 << 20  // two million blocks a shard
	maxMeta  = 16 << 20  // the names of a million classes; it stands in every index, and in set.json with a line for each name
	maxBlock = 256 << 20 // one block with its head, lengths and CRC
)

var (
	le         = binary.LittleEndian
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// source is one shard file as the readers see it.
type source struct {
	path   string
	r      io.ReaderAt
	size   int64
	blocks int // as set.json lists them; 0 when that is not known
}

// corrupt is the error for damage in this file; block is -1 outside every block.
func (s source) corrupt(block int, offset int64, format string, args ...any) *CorruptError {
	return &CorruptError{Shard: s.path, Block: block, Offset: offset, What: fmt.Sprintf(format, args...)}
}

func encodeHeader() []byte {
	b := append(make([]byte, 0, headerSize), headMagic...)
	b = le.AppendUint32(b, Version)
	return le.AppendUint32(b, checksum(b))
}

// checkHeader reads the first bytes. They keep their layout in every version, so that a reader can
// tell a newer file from a damaged one.
func (s source) checkHeader() error {
	var b [headerSize]byte
	if s.size < headerSize {
		return s.corrupt(-1, 0, "cut short: the file has %d bytes, its header alone %d", s.size, headerSize)
	}
	if _, err := s.r.ReadAt(b[:], 0); err != nil {
		return s.readError(-1, 0, err)
	}
	if string(b[:8]) != headMagic {
		return s.corrupt(-1, 0, "header: it does not begin with %s, so it is no shard or a damaged one", headMagic)
	}
	if got, want := checksum(b[:12]), le.Uint32(b[12:]); got != want {
		return s.corrupt(-1, 0, "header: its CRC-32C is %08x, the file says %08x", got, want)
	}
	if v := le.Uint32(b[8:]); v != Version {
		return s.corrupt(-1, 8, "header: shard format version %d, this program reads version %d", v, Version)
	}
	return nil
}

// footer is the fixed-size end of a shard.
type footer struct {
	indexOffset int64
	indexLength int64
	indexCRC    uint32
}

func (f footer) encode() []byte {
	b := make([]byte, 0, footerSize)
	b = le.AppendUint64(b, uint64(f.indexOffset))
	b = le.AppendUint32(b, uint32(f.indexLength))
	b = le.AppendUint32(b, f.indexCRC)
	b = le.AppendUint32(b, Version)
	b = le.AppendUint32(b, checksum(b))
	return append(b, footMagic...)
}

func (s source) readFooter() (footer, error) {
	at := s.size - footerSize
	if at < headerSize {
		return footer{}, s.cutShort("no room for a footer")
	}
	var b [footerSize]byte
	if _, err := s.r.ReadAt(b[:], at); err != nil {
		return footer{}, s.readError(-1, at, err)
	}
	if string(b[24:]) != footMagic {
		return footer{}, s.cutShort("footer: the file does not end with " + footMagic)
	}
	if got, want := checksum(b[:20]), le.Uint32(b[20:]); got != want {
		return footer{}, s.corrupt(-1, at, "footer: its CRC-32C is %08x, the file says %08x", got, want)
	}
	if v := le.Uint32(b[16:]); v != Version {
		return footer{}, s.corrupt(-1, at+16, "footer: version %d, the header says %d", v, Version)
	}
	offset, length := le.Uint64(b[:]), le.Uint32(b[8:])
	if length > maxIndex || offset < headerSize || offset > uint64(at) || uint64(at)-offset != uint64(length) {
		return footer{}, s.corrupt(-1, at, "footer: an index of %d bytes at byte %d does not fit the %d bytes before it",
			length, offset, at)
	}
	return footer{indexOffset: int64(offset), indexLength: int64(length), indexCRC: le.Uint32(b[12:])}, nil
}

// readError turns a failed read into an error that says where. The end of the file where there
// should be bytes is damage; anything else is the system's trouble and keeps its own error.
func (s source) readError(block int, offset int64, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		e := s.corrupt(block, offset, "cut short: the file ends before it")
		e.err = io.ErrUnexpectedEOF
		return e
	}
	return fmt.Errorf("reading %s at byte %d: %w", s.path, offset, err)
}
