package allreduce

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"unsafe"
)

// memory is a reusable block of a power of two bytes, aligned for a cache line.
type memory struct {
	words []uint64
	class int
}

// pool holds blocks of one size. What was given back last is given out first:
// it may still be in a cache.
type pool struct {
	mu   sync.Mutex
	free []*memory
}

// pools hold blocks of 8<<class bytes, each poolBytes of them at most.
var pools [28]pool

const poolBytes = 32 << 20

// newMemory returns a block of at least n bytes with arbitrary contents.
func newMemory(n int) *memory {
	class := 0
	if n > 8 {
		class = bits.Len(uint(n-1)) - 3
	}
	if class >= len(pools) {
		return &memory{words: make([]uint64, (n+7)/8), class: class}
	}
	p := &pools[class]
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return &memory{words: make([]uint64, 1<<class), class: class}
	}
	m := p.free[last]
	p.free[last], p.free = nil, p.free[:last]
	return m
}

func (m *memory) free() {
	if m.class >= len(pools) {
		return
	}
	p := &pools[m.class]
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < max(1, poolBytes>>(m.class+3)) {
		p.free = append(p.free, m)
	}
}

// bytes is the first n bytes of the block.
func (m *memory) bytes(n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(m.words))), len(m.words)*8)[:n]
}

// littleEndian says whether this machine's numbers lie in memory as they do on
// the wire, so that a payload is written and read without a look at its numbers.
var littleEndian = func() bool {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], 1)
	return b[0] == 1
}()

// floats32 is the float32 view of a payload, which must be aligned, as all that
// comes from newMemory is.
func floats32(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// floats64 is the float64 view of a payload.
func floats64(b []byte) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
}

func aligned(b []byte, to uintptr) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(b)))%to == 0
}

// swapOrder turns every width bytes of b round.
func swapOrder(b []byte, width int) {
	for ; len(b) >= width; b = b[width:] {
		for i, j := 0, width-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}

// uint16s is the uint16 view of a payload.
func uint16s(b []byte) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}
