package idx

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/rondo-ml/rondo/data/gunzip"
)

// Uint8 is the type of elements that are unsigned bytes: the only one that images and labels have.
const Uint8 = 0x08

// sizes are the bytes of an element of each type.
var sizes = map[byte]int64{Uint8: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8}

const (
	maxDimensions = 8
	maxItem       = 1 << 28 // bytes
)

// Reader reads the items of an idx file one by one.
type Reader struct {
	Type  byte  // of the elements, such as [Uint8]
	Count int   // of items: the first dimension
	Shape []int // of an item: the other dimensions; empty for labels

	r    *bufio.Reader
	size int // bytes of an item
	next int // number of the item that comes next
}

// maxPacking is how many bytes gzip can make of one.
const maxPacking = 1032

// NewReader reads the header of a file of so many bytes. An error says what is wrong with the file and not its name.
func NewReader(r io.Reader, length int64) (*Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, err := b.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gunzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("packed by gzip, and damaged: %w", err)
		}
		b, length = bufio.NewReaderSize(z, 1<<16), maxPacking*length
	}
	x := &Reader{r: b}
	if err := x.header(); err != nil {
		return nil, err
	}
	if int64(x.size) > max(length, 1<<16) { // a caller is about to make room for an item
		return nil, fmt.Errorf("cut short: the header says items of %d bytes, and the file cannot hold one", x.size)
	}
	return x, nil
}

func (x *Reader) header() error {
	var magic [4]byte
	if n, err := io.ReadFull(x.r, magic[:]); err != nil {
		return cutShort(err, "the file has %d bytes, the magic number alone has 4", n)
	}
	size, known := sizes[magic[2]]
	if magic[0] != 0 || magic[1] != 0 || !known {
		return fmt.Errorf("magic number %d (% x): an idx file begins with 00 00 and the type of its elements, such as 00 00 08",
			binary.BigEndian.Uint32(magic[:]), magic)
	}
	if magic[3] < 1 || magic[3] > maxDimensions {
		return fmt.Errorf("magic number % x: %d dimensions, from 1 to %d are allowed", magic, magic[3], maxDimensions)
	}
	x.Type, x.Shape = magic[2], make([]int, magic[3]-1)
	for i := range int(magic[3]) {
		var b [4]byte
		if _, err := io.ReadFull(x.r, b[:]); err != nil {
			return cutShort(err, "the file ends within dimension %d of %d", i, magic[3])
		}
		d := binary.BigEndian.Uint32(b[:])
		if d > math.MaxInt32 {
			return fmt.Errorf("dimension %d is %d", i, d)
		}
		if i == 0 {
			x.Count = int(d)
			continue
		}
		x.Shape[i-1] = int(d)
		if size *= int64(d); size == 0 || size > maxItem {
			return fmt.Errorf("dimension %d is %d, which makes items of %d bytes: from 1 to %d are allowed", i, d, size, maxItem)
		}
	}
	x.size = int(size)
	return nil
}

// Size is the number of bytes of an item.
func (x *Reader) Size() int { return x.size }

// Next reads the next item into item, which must have Size bytes, or gives [io.EOF] after the last one. Elements of
// several bytes are big-endian. A file that is longer or shorter than its header says is an error.
func (x *Reader) Next(item []byte) error {
	_, err := x.Read(item[:x.size])
	return err
}

// Read reads the items that come next, as many as items has room for, and says how many those are. There are fewer than
// that only with an error, which is [io.EOF] after the last one.
func (x *Reader) Read(items []byte) (n int, err error) {
	room := len(items) / x.size
	n = min(room, x.Count-x.next)
	switch whole, err := io.ReadFull(x.r, items[:n*x.size]); {
	case err != nil:
		n, whole = whole/x.size, whole%x.size
		x.next += n
		return n, cutShort(err, "the header says %d items of %d bytes, and the file ends after %d bytes of item %d", x.Count, x.size, whole, x.next)
	case n == room:
		x.next += n
		return n, nil
	}
	x.next += n
	switch _, err := x.r.ReadByte(); {
	case err == io.EOF:
		return n, io.EOF
	case err != nil:
		return n, cutShort(err, "after its %d items", x.Count)
	}
	return n, fmt.Errorf("the header says %d items of %d bytes, and more bytes follow", x.Count, x.size)
}

// cutShort says where a file ends, or passes on an error of the system or of gzip.
func cutShort(err error, format string, args ...any) error {
	where := fmt.Sprintf(format, args...)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("cut short: %s", where)
	}
	return fmt.Errorf("%s: %w", where, err)
}
