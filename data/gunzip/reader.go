package gunzip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	history = 32 << 10  // how far back a match may refer
	outSize = 256 << 10 // history, and what is unpacked at once
	inSize  = 64 << 10
	padding = 32 // zeros behind the end of the file, which the decoder may look at
)

var (
	// ErrHeader is in the chain of errors about bytes that should begin a member and do not.
	ErrHeader = errors.New("not the header of a gzip member")

	// ErrChecksum is in the chain of errors about a member that is not what its end says.
	ErrChecksum = errors.New("checksum or length is not what the file says")

	// ErrDamaged is in the chain of errors about data that no packer writes.
	ErrDamaged = errors.New("damaged data")
)

// Reader unpacks what another reader gives. It is for one goroutine.
type Reader struct {
	r   io.Reader
	in  []byte // what was read stands up to end, and zeros behind that at the end of the file
	at  int    // the byte that comes next
	end int
	eof bool

	bits uint64 // taken from in and not yet decoded; the first is the lowest
	n    uint   // of them

	out    []byte
	given  int // out[given:w] is unpacked and not yet given; history stands before it
	w      int
	first  int // byte of the present member in out
	summed int // out[first:summed] is in the checksum

	block     block
	last      bool // no block follows
	stored    int  // bytes left of a stored block
	lit, dist table
	lengths   [maxLit + maxDist]uint8
	sum       uint32 // CRC-32 of the member so far
	size      uint32
	err       error // to give once all is given
}

// block is a kind of block that is under way.
type block uint8

const (
	noBlock block = iota
	storedBlock
	codedBlock
)

// NewReader reads the header of the first member. An [io.EOF] is a file without a byte.
func NewReader(r io.Reader) (*Reader, error) {
	z := &Reader{r: r, in: make([]byte, inSize+padding), out: make([]byte, outSize)}
	if err := z.header(); err != nil {
		return nil, err
	}
	return z, nil
}

// Read implements [io.Reader].
func (z *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for z.given == z.w {
		if z.err != nil {
			return 0, z.err
		}
		z.unpack()
	}
	n := copy(p, z.out[z.given:z.w])
	z.given += n
	return n, nil
}

// unpack fills out, or sets err. All that was unpacked is given.
func (z *Reader) unpack() {
	if moved := z.w - history; moved > 0 {
		copy(z.out, z.out[moved:z.w])
		z.w, z.given, z.summed, z.first = history, history, history, max(0, z.first-moved)
	}
	for z.err == nil && z.w <= len(z.out)-slack {
		switch {
		case z.block == storedBlock:
			z.err = z.copyStored()
		case z.block == codedBlock:
			z.err = z.symbols()
		case z.last:
			z.err = z.endMember()
		default:
			z.err = z.beginBlock()
		}
	}
	z.tally()
}

// tally puts what is new into the checksum.
func (z *Reader) tally() {
	b := z.out[z.summed:z.w]
	z.sum, z.size, z.summed = crc32.Update(z.sum, crc32.IEEETable, b), z.size+uint32(len(b)), z.w
}

// fill reads more of the file. The eight bytes before at stay there, as a block that ends may give some of them back.
func (z *Reader) fill() error {
	if z.eof {
		return nil
	}
	if moved := z.at - 8; moved > 0 {
		z.end = copy(z.in, z.in[moved:z.end])
		z.at = 8
	}
	for tries := 0; z.end < inSize; {
		n, err := z.r.Read(z.in[z.end:inSize])
		z.end += n
		switch tries++; {
		case err == io.EOF:
			z.eof = true
			clear(z.in[z.end:][:padding])
			return nil
		case err != nil:
			return err
		case n > 0:
			tries = 0
		case tries > 100:
			return io.ErrNoProgress
		}
	}
	return nil
}

// more takes one byte into bits.
func (z *Reader) more() error {
	if err := z.present(); err != nil {
		return err
	}
	z.bits |= uint64(z.in[z.at]) << z.n
	z.at++
	z.n += 8
	return nil
}

// present makes sure that a byte is at hand.
func (z *Reader) present() error {
	if z.at < z.end {
		return nil
	}
	if err := z.fill(); err != nil {
		return err
	}
	if z.at == z.end {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// take gives the next n bits, at most 16.
func (z *Reader) take(n uint) (int, error) {
	for z.n < n {
		if err := z.more(); err != nil {
			return 0, err
		}
	}
	v := int(z.bits & (1<<n - 1))
	z.bits >>= n
	z.n -= n
	return v, nil
}

// align passes over the rest of a byte and gives whole ones back.
func (z *Reader) align() {
	z.at -= int(z.n / 8)
	z.bits, z.n = 0, 0
}

// bytes fills b.
func (z *Reader) bytes(b []byte) error {
	for len(b) > 0 {
		if err := z.present(); err != nil {
			return err
		}
		n := copy(b, z.in[z.at:z.end])
		z.at += n
		b = b[n:]
	}
	return nil
}

// endMember checks the end of a member and reads the header of the next one, if there is one.
func (z *Reader) endMember() error {
	z.tally()
	z.align()
	var end [8]byte
	if err := z.bytes(end[:]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(end[:]) != z.sum || binary.LittleEndian.Uint32(end[4:]) != z.size {
		return ErrChecksum
	}
	return z.header()
}

// header reads the header of a member (RFC 1952, section 2.3), or gives io.EOF where nothing follows.
func (z *Reader) header() error {
	if err := z.fill(); err != nil {
		return err
	}
	if z.at == z.end {
		return io.EOF
	}
	var head [10]byte
	if err := z.bytes(head[:]); err != nil {
		return err
	}
	flags := head[3]
	if head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 {
		return fmt.Errorf("%w: it begins with % x", ErrHeader, head[:3])
	}
	digest := crc32.ChecksumIEEE(head[:])
	next := func(b []byte) error {
		err := z.bytes(b)
		digest = crc32.Update(digest, crc32.IEEETable, b)
		return err
	}
	var b [2]byte
	if flags&4 != 0 { // extra data
		if err := next(b[:]); err != nil {
			return err
		}
		for range binary.LittleEndian.Uint16(b[:]) {
			if err := next(b[:1]); err != nil {
				return err
			}
		}
	}
	for _, flag := range []byte{8, 16} { // a name, a comment
		for length := 0; flags&flag != 0; length++ {
			if err := next(b[:1]); err != nil {
				return err
			}
			if b[0] == 0 {
				break
			}
			if length == maxText {
				return fmt.Errorf("%w: a name or comment of more than %d bytes", ErrHeader, maxText)
			}
		}
	}
	if flags&2 != 0 {
		want := uint16(digest)
		if err := z.bytes(b[:]); err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(b[:]) != want {
			return fmt.Errorf("%w: its checksum is wrong", ErrHeader)
		}
	}
	z.block, z.last, z.sum, z.size, z.first, z.summed = noBlock, false, 0, 0, z.w, z.w
	return nil
}

// maxText is the most bytes of a name or a comment in a header, as the standard library has it.
const maxText = 511
