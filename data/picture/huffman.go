package picture

import (
	"encoding/binary"

	"github.com/rondo-ml/rondo/data/picture/internal/kernel"
)

// huffman is a table of codes of at most 16 bits.
type huffman struct {
	// quick is, by the next quickBits bits, the value times 256 and the length of a code that is not longer, or 0.
	quick [1 << quickBits]uint16

	// whole is the same for a code of AC together with the number behind it, if both fit quickBits bits: the number times
	// 1<<16, the zeros before it times 256, and all the bits. If the code alone fits, the bits of the number stand for the
	// number, and follows is set. 0 where the code does not fit.
	whole [1 << quickBits]int32

	values []byte
	limit  [17]uint32 // of each length: the first code of 16 bits that is longer
	first  [17]int32  // of each length: the place in values of its first code, less that code
}

const (
	quickBits = 10
	follows   = 1 << 7
)

// newHuffman makes the table of so many codes of each length from 1 on, in order (T.81, annex C). It says whether there
// is such a table.
func newHuffman(counts [16]byte, values []byte) (*huffman, bool) {
	h := &huffman{values: values}
	code, place := 0, 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		h.first[length] = int32(place - code)
		if code+n > 1<<length {
			return nil, false
		}
		for range n {
			if length <= quickBits {
				from := code << (quickBits - length)
				for i := range 1 << (quickBits - length) {
					h.quick[from+i] = uint16(values[place])<<8 | uint16(length)
				}
			}
			code++
			place++
		}
		h.limit[length] = uint32(code) << (16 - length)
		code <<= 1
	}
	for bits, e := range h.quick {
		length, run, size := int(e&255), int32(e>>12), int(e>>8&15)
		if length == 0 {
			continue
		}
		if size == 0 || length+size > quickBits {
			h.whole[bits] = int32(size)<<16 | run<<8 | follows | int32(length)
			continue
		}
		number := extend(int32(bits>>(quickBits-length-size)&(1<<size-1)), size)
		h.whole[bits] = number<<16 | run<<8 | int32(length+size)
	}
	return h, true
}

// extend is the number that so many bits, 1 to 16, stand for (T.81, figure F.12): those that begin with 0 are negative. It is
// without a branch, as nobody could foretell which way it goes.
func extend(bits int32, size int) int32 {
	return bits + (bits>>((size-1)&31)-1)&(1-1<<(size&31))
}

// bitReader reads the bits of a scan, without the zero bytes after bytes of ones.
type bitReader struct {
	b      []byte
	at     int
	next   uint64 // the next bits, the first one at the top
	n      int    // of them
	padded int    // of n: zeros behind the end of the data
}

// fill makes 56 bits or more ready. Behind a marker, or the end, they are zeros.
func (r *bitReader) fill() {
	if r.at+8 <= len(r.b) {
		v := binary.BigEndian.Uint64(r.b[r.at:])
		if inverse := ^v; (inverse-0x0101010101010101)&v&0x8080808080808080 == 0 { // no byte of ones
			r.next |= v >> r.n
			bytes := (63 - r.n) >> 3
			r.at += bytes
			r.n += 8 * bytes
			return
		}
	}
	for r.n <= 56 {
		var v byte
		switch {
		case r.at < len(r.b) && r.b[r.at] != 0xff:
			v = r.b[r.at]
			r.at++
		case r.at+1 < len(r.b) && r.b[r.at+1] == 0:
			v = 0xff
			r.at += 2
		default:
			r.padded += 8
		}
		r.next |= uint64(v) << (56 - r.n)
		r.n += 8
	}
}

// take takes so many bits, from 1 to 16, of those that are ready.
func (r *bitReader) take(n int) int32 {
	v := int32(r.next >> (64 - n))
	r.next <<= n
	r.n -= n
	return v
}

// code takes a code, or gives -1. 16 bits must be ready.
func (r *bitReader) code(h *huffman) int32 {
	if e := h.quick[r.next>>(64-quickBits)]; e != 0 {
		r.next <<= e & 63
		r.n -= int(e & 255)
		return int32(e >> 8)
	}
	top := uint32(r.next >> 48)
	for length := quickBits + 1; length <= 16; length++ {
		if top < h.limit[length] {
			place := h.first[length] + r.take(length)
			if place < 0 || int(place) >= len(h.values) {
				return -1
			}
			return int32(h.values[place])
		}
	}
	return -1
}

// block decodes one block into 8×8 pixels, and says whether it is there.
func (r *bitReader) block(c *component, pix []byte) bool {
	var coefficients [64]int32
	if r.n < 32 {
		r.fill()
	}
	size := r.code(c.dc)
	if size < 0 || size > 11 {
		return false
	}
	if size > 0 {
		c.last += extend(r.take(int(size)), int(size))
	}
	coefficients[0] = c.last * c.quant[0]
	last, ok := r.others(c, &coefficients)
	if !ok || r.padded > r.n { // bits behind the end were taken
		return false
	}
	if last == 0 {
		flat(pix, c.stride, coefficients[0])
	} else {
		kernel.Inverse(pix, c.stride, &coefficients)
	}
	return true
}

// others decodes all coefficients of a block but the first, and gives the place of the last one that is there.
func (r *bitReader) others(c *component, coefficients *[64]int32) (last int, ok bool) {
	next, n := r.next, r.n // in registers
	for k := 1; k < 64; k++ {
		if n < 32 {
			r.next, r.n = next, n
			r.fill()
			next, n = r.next, r.n
		}
		e := c.ac.whole[next>>(64-quickBits)]
		number := e >> 16
		if e&follows != 0 || e == 0 {
			if e == 0 {
				r.next, r.n = next, n
				v := r.code(c.ac)
				if v < 0 {
					return 0, false
				}
				next, n = r.next, r.n
				number, e = v&15, v>>4<<8 // and no more bits of the code
			}
			next <<= uint(e & 31)
			n -= int(e & 31)
			size, run := int(number), e>>8&15
			if size == 0 && run == 0 {
				break // nothing else in this block
			}
			if size > 10 || size == 0 && run < 15 {
				return 0, false
			}
			if size == 0 {
				k += 15
				continue
			}
			number = extend(int32(next>>((64-size)&63)), size)
			next <<= size & 31
			n -= size
		} else {
			next <<= uint(e & 31)
			n -= int(e & 31)
		}
		if k += int(e >> 8 & 15); k > 63 {
			return 0, false
		}
		coefficients[zigzag[k]&63] = number * c.quant[k]
		last = k
	}
	r.next, r.n = next, n
	return last, true
}

// restart goes on behind the restart marker of that number, which must come next.
func (r *bitReader) restart(number byte) bool {
	at, ok := r.marker()
	if !ok || r.b[at+1] != 0xd0+number {
		return false
	}
	*r = bitReader{b: r.b, at: at + 2}
	return true
}

// atEnd says whether the picture ends here.
func (r *bitReader) atEnd() bool {
	at, ok := r.marker()
	return ok && r.b[at+1] == 0xd9
}

// marker is the place of the marker that comes next, behind what is left of the present byte.
func (r *bitReader) marker() (at int, ok bool) {
	if r.n-r.padded >= 8 { // a whole byte before it
		return 0, false
	}
	r.fill()
	return r.at, r.n-r.padded < 8 && r.at+1 < len(r.b) && r.b[r.at] == 0xff && r.b[r.at+1] != 0xff
}
