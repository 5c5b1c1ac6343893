package allreduce

import (
	"hash/crc32"
	"unsafe"
)

// tally is the CRC-32C of what a fold reads and of what it writes, taken while
// the bytes are in the first cache anyway.
type tally struct {
	reads, writes bool // which is wanted
	read, written uint32
}

// start begins anew.
func (t *tally) start(reads, writes bool) { *t = tally{reads: reads, writes: writes} }

// source takes what was read.
func (t *tally) source(s []float32) {
	if t.reads {
		t.read = crc32.Update(t.read, castagnoli, bytes32(s))
	}
}

// result takes what was written.
func (t *tally) result(s []float32) {
	if t.writes {
		t.written = crc32.Update(t.written, castagnoli, bytes32(s))
	}
}

// check compares what was read with what its frame said.
func (t *tally) check(f *Frame) error {
	if !t.reads {
		return nil
	}
	return f.check(t.read)
}

// give gives a frame the sum of what was written.
func (t *tally) give(f *Frame) { f.sum, f.summed, f.unchecked = t.written, t.writes, false }

func bytes32(s []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s))
}

// tallyBlock is how many numbers the kernel takes at once: three stretches, of
// which it takes the sums beside each other, as one waits for its own last step.
const (
	tallyStretch = 512
	tallyBlock   = 3 * tallyStretch
)

// add sets dst = s + a, of tallyBlock numbers, and takes both sums.
func (t *tally) add(dst, s, a []float32) {
	sums := [6]uint32{^t.read, 0, 0, ^t.written, 0, 0}
	tallyAdd(dst, s, a, &sums)
	t.read = ^join(sums[0], sums[1], sums[2])
	t.written = ^join(sums[3], sums[4], sums[5])
}

// join is the sum over three stretches, each but the first taken from zero. What
// comes before a stretch is worth as much as itself with a stretch of zeros behind.
func join(a, b, c uint32) uint32 { return behind(behind(a)^b) ^ c }

// behind is the sum with a stretch of zeros behind.
func behind(sum uint32) uint32 {
	return stretch[0][sum&255] ^ stretch[1][sum>>8&255] ^ stretch[2][sum>>16&255] ^ stretch[3][sum>>24]
}

// stretch holds for each byte of a sum what a stretch of zeros makes of it. That
// is linear, so a byte's is made of its bits'.
var stretch = func() (t [4][256]uint32) {
	zeros := make([]byte, 4*tallyStretch)
	for i := range t {
		for bit := range 8 {
			alone := ^crc32.Update(^uint32(1<<(8*i+bit)), castagnoli, zeros)
			for v := range 1 << bit {
				t[i][v|1<<bit] = t[i][v] ^ alone
			}
		}
	}
	return t
}()

// tallyAddGo is dst = s + a; sums are carried on over the three stretches of s,
// and then over those of dst.
func tallyAddGo(dst, s, a []float32, sums *[6]uint32) {
	for i := range 3 {
		part := s[i*tallyStretch : (i+1)*tallyStretch]
		sums[i] = ^crc32.Update(^sums[i], castagnoli, bytes32(part))
	}
	add1Go(dst, s, a)
	for i := range 3 {
		part := dst[i*tallyStretch : (i+1)*tallyStretch]
		sums[3+i] = ^crc32.Update(^sums[3+i], castagnoli, bytes32(part))
	}
}
