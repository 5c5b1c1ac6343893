package gunzip

import (
	"encoding/binary"
	"io"
)

// slack is the room that symbols needs for one turn: three literals, and a match that is copied in pieces of eight.
const slack = 3 + 258 + 7 + 2

// beginBlock reads the header of a block (RFC 1951, section 3.2.3).
func (z *Reader) beginBlock() error {
	head, err := z.take(3)
	if err != nil {
		return err
	}
	z.last = head&1 == 1
	switch head >> 1 {
	case 0:
		z.align()
		var b [4]byte
		if err := z.bytes(b[:]); err != nil {
			return err
		}
		n := binary.LittleEndian.Uint16(b[:])
		if binary.LittleEndian.Uint16(b[2:]) != ^n {
			return ErrDamaged
		}
		if z.stored = int(n); n > 0 {
			z.block = storedBlock
		}
		return nil
	case 1:
		z.fixed()
	case 2:
		if err := z.dynamic(); err != nil {
			return err
		}
	default:
		return ErrDamaged
	}
	z.block = codedBlock
	return nil
}

// fixed makes the tables that need no description.
func (z *Reader) fixed() {
	for i := range maxLit {
		switch n := &z.lengths[i]; {
		case i < 144:
			*n = 8
		case i < 256:
			*n = 9
		case i < 280:
			*n = 7
		default:
			*n = 8
		}
	}
	z.lit.build(litBits, z.lengths[:maxLit], litSymbols[:])
	for i := range maxDist {
		z.lengths[i] = 5
	}
	z.dist.build(distBits, z.lengths[:maxDist], distSymbols[:])
}

// lengthOrder is the order in which lengths of codes of lengths stand.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the tables of a block (section 3.2.7).
func (z *Reader) dynamic() error {
	head, err := z.take(14)
	if err != nil {
		return err
	}
	lits, dists, codes := head&31+257, head>>5&31+1, head>>10+4
	if lits > 286 || dists > 30 {
		return ErrDamaged
	}
	var lengths [19]uint8
	for _, at := range lengthOrder[:codes] {
		n, err := z.take(3)
		if err != nil {
			return err
		}
		lengths[at] = uint8(n)
	}
	if !z.lit.build(lengthBits, lengths[:], numbers[:]) { // lit for now
		return ErrDamaged
	}
	if err := z.codeLengths(z.lengths[:lits+dists]); err != nil {
		return err
	}
	if !z.lit.build(litBits, z.lengths[:lits], litSymbols[:]) ||
		!z.dist.build(distBits, z.lengths[lits:lits+dists], distSymbols[:]) {
		return ErrDamaged
	}
	return nil
}

// codeLengths reads lengths by the codes in the table lit.
func (z *Reader) codeLengths(lengths []uint8) error {
	for i := 0; i < len(lengths); {
		symbol, err := z.number()
		if err != nil {
			return err
		}
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		repeated, least, more := uint8(0), 3, uint(3)
		switch symbol {
		case 16:
			if i == 0 {
				return ErrDamaged
			}
			repeated, more = lengths[i-1], 2
		case 18:
			least, more = 11, 7
		}
		n, err := z.take(more)
		if err != nil {
			return err
		}
		if n += least; n > len(lengths)-i {
			return ErrDamaged
		}
		for range n {
			lengths[i] = repeated
			i++
		}
	}
	return nil
}

// number takes one code of the table lit.
func (z *Reader) number() (int, error) {
	for {
		e := z.lit.entries[z.bits&(1<<lengthBits-1)]
		if n := uint(e & 31); n > 0 && n <= z.n {
			z.bits >>= n
			z.n -= n
			return int(e >> valueShift), nil
		}
		if z.n >= lengthBits {
			return 0, ErrDamaged
		}
		if err := z.more(); err != nil { // a byte at a time: the file may end behind the code
			return 0, err
		}
	}
}

// copyStored copies what it can of a stored block.
func (z *Reader) copyStored() error {
	n := min(z.stored, len(z.out)-z.w)
	if err := z.bytes(z.out[z.w : z.w+n]); err != nil {
		return err
	}
	z.w += n
	if z.stored -= n; z.stored == 0 {
		z.block = noBlock
	}
	return nil
}

// symbols decodes until the block ends, out is full or in is nearly empty.
func (z *Reader) symbols() error {
	if z.at > z.end-16 {
		if err := z.fill(); err != nil {
			return err
		}
	}
	stop := z.end - 16 // a turn takes 14 bytes at most, and looks at one more
	if z.eof {
		stop = z.end + 8 // into the zeros
	}
	in, out, lit, dist := z.in, z.out, z.lit.entries, z.dist.entries
	at, acc, n, w := z.at, z.bits, z.n, z.w
	var e entry
	damaged := false
	for at <= stop && w <= len(out)-slack {
		acc |= binary.LittleEndian.Uint64(in[at:]) << (n & 63)
		at += int(63-n) >> 3
		n |= 56
		e = lit[acc&(1<<litBits-1)]
		if e&literal != 0 {
			acc >>= e & 31
			n -= uint(e & 31)
			out[w] = byte(e >> valueShift)
			w++
			if e = lit[acc&(1<<litBits-1)]; e&literal != 0 {
				acc >>= e & 31
				n -= uint(e & 31)
				out[w] = byte(e >> valueShift)
				w++
				if e = lit[acc&(1<<litBits-1)]; e&literal != 0 {
					acc >>= e & 31
					n -= uint(e & 31)
					out[w] = byte(e >> valueShift)
					w++
					continue
				}
			}
			acc |= binary.LittleEndian.Uint64(in[at:]) << (n & 63)
			at += int(63-n) >> 3
			n |= 56
		}
		if e&special != 0 {
			if e&link != 0 {
				acc >>= e & 31
				n -= uint(e & 31)
				e = lit[uint64(e>>valueShift)+acc&(1<<(e>>extraShift&31)-1)]
			}
			if e&literal != 0 {
				acc >>= e & 31
				n -= uint(e & 31)
				out[w] = byte(e >> valueShift)
				w++
				continue
			}
			if e&special != 0 {
				acc >>= e & 31
				n -= uint(e & 31)
				damaged = e&end == 0
				break
			}
		}
		acc >>= e & 31
		extra := e >> extraShift & 31
		length := int(e>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		n -= uint(e&31 + extra)

		d := dist[acc&(1<<distBits-1)]
		if d&special != 0 && d&link != 0 {
			acc >>= d & 31
			n -= uint(d & 31)
			d = dist[uint64(d>>valueShift)+acc&(1<<(d>>extraShift&31)-1)]
		}
		if d&special != 0 {
			damaged = true
			break
		}
		acc >>= d & 31
		extra = d >> extraShift & 31
		distance := int(d>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		n -= uint(d&31 + extra)
		if distance > w-z.first {
			damaged = true
			break
		}
		match(out, w, distance, length)
		w += length
	}
	if padded := at - z.end; padded > 0 { // zeros that are not in the file
		if uint(8*padded) > n {
			return io.ErrUnexpectedEOF
		}
		at, n = z.end, n-uint(8*padded)
	}
	z.at, z.bits, z.n, z.w = at, acc&(1<<n-1), n, w
	if damaged {
		return ErrDamaged
	}
	if e&(special|end) == special|end {
		z.block = noBlock
	}
	return nil
}

// match writes length bytes at w once more that stand distance before it, and up to seven bytes behind them.
func match(out []byte, w, distance, length int) {
	to, from := out[w:w+length+7], out[w-distance:]
	switch {
	case distance >= 8:
		for len(to) >= 8 && len(from) >= 8 {
			binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
			to, from = to[8:], from[8:]
		}
	case distance == 1:
		v := uint64(from[0]) * 0x0101010101010101
		for ; len(to) >= 8; to = to[8:] {
			binary.LittleEndian.PutUint64(to, v)
		}
	default:
		for i := range to[:length] {
			to[i] = from[i]
		}
	}
}
