package allreduce

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Kind says what a frame carries.
type Kind uint8

const (
	KindPartial     Kind = iota + 1 // a segment of a chunk folded over some of the lanes, []float32
	KindSum                         // a segment of a chunk folded over all lanes, []float32
	KindGather                      // the vectors of one worker's lanes, []float64
	KindBroadcast                   // bytes
	KindBarrier                     // nothing
	KindLeave                       // nothing: the sender closes its group in good order
	KindAbort                       // text: why the worker that chunk numbers gave up
	KindPartialHalf                 // as KindPartial, in bfloat16
	KindSumHalf                     // as KindSum, in bfloat16
	KindMirror                      // a segment of a copy for the next worker, bytes
	kindEnd
)

var kindNames = [...]string{"invalid", "partial", "sum", "gather", "broadcast", "barrier", "leave", "abort",
	"bfloat16 partial", "bfloat16 sum", "mirror"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// width is the number of bytes of one number of the payload.
func (k Kind) width() int {
	switch k {
	case KindPartial, KindSum:
		return 4
	case KindPartialHalf, KindSumHalf:
		return 2
	case KindGather:
		return 8
	}
	return 1
}

// Frame is one message between neighbours.
//
// Payload lies in memory in the machine's own byte order. It belongs to the
// holder of the frame until Release.
type Frame struct {
	Kind       Kind
	Generation uint64
	Step       uint64
	Tag        uint32 // the bucket, or the tag of a gather, broadcast or barrier
	Chunk      uint32 // the chunk; for a gather, broadcast or barrier the worker it came from
	Segment    uint32 // which part of the chunk
	Payload    []byte

	// More tells a link that another frame follows at once, so that it may wait
	// with the flush. It does not travel.
	More bool

	sum       uint32 // of the payload, if summed says so
	summed    bool
	unchecked bool // sum is what the header says; who folds the payload compares

	begun bool // a link has taken part of it

	mem   block
	place uint32 // where the payload lies in memory shared with the neighbour, in lines from 1; 0: elsewhere
}

// block is memory that a payload lies in.
type block interface{ free() }

// alloc gives the frame a payload of n bytes with arbitrary contents.
func (f *Frame) alloc(n int) {
	m := newMemory(n)
	f.mem, f.place, f.Payload = m, 0, m.bytes(n)
}

// align moves a payload that a foreign link put at an odd address.
func (f *Frame) align(to uintptr) {
	if p := f.Payload; !aligned(p, to) {
		old := f.mem
		f.alloc(len(p))
		copy(f.Payload, p)
		if old != nil {
			old.free()
		}
	}
}

// Release gives the payload's memory back for other frames. Using the payload
// afterwards is a mistake.
func (f *Frame) Release() {
	if f.mem != nil {
		f.mem.free()
	}
	f.mem, f.place, f.Payload = nil, 0, nil
}

// check compares the payload's sum with the header's.
func (f *Frame) check(got uint32) error {
	f.unchecked = false
	if got != f.sum {
		return fieldError("payload checksum", "%08x, want %08x: the bytes of %v step %d tag %d chunk %d segment %d changed on their way",
			got, f.sum, f.Kind, f.Step, f.Tag, f.Chunk, f.Segment)
	}
	return nil
}

// The header on the wire, little endian:
//
//	 0  magic       "RNDO"
//	 4  version     uint8
//	 5  kind        uint8
//	 6  zero        uint16
//	 8  generation  uint64
//	16  step        uint64
//	24  tag         uint32
//	28  chunk       uint32
//	32  segment     uint32
//	36  length      uint32   bytes of the payload
//	40  payload CRC uint32   CRC-32C of the payload; zero where the link needs none
//	44  place       uint32   0: the payload follows; else the line of shared memory it lies in, from 1
//	48  header CRC  uint32   CRC-32C of the 48 bytes before
//
// The header has a sum of its own so that its length can be trusted before
// anything is read by it; as that covers the payload's, every byte is covered.
// The payload has none where what carries it makes sure of every byte itself:
// under TLS, which authenticates it, and in memory that both ends share.
const (
	headerSize   = 52
	headerSummed = headerSize - 4
	frameMagic   = "RNDO"
	frameVersion = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendHeader appends the frame's header to b. The payload follows it on the wire.
func (f *Frame) appendHeader(b []byte, sum uint32) []byte {
	at := len(b)
	b = append(b, frameMagic...)
	b = append(b, frameVersion, byte(f.Kind), 0, 0)
	b = binary.LittleEndian.AppendUint64(b, f.Generation)
	b = binary.LittleEndian.AppendUint64(b, f.Step)
	b = binary.LittleEndian.AppendUint32(b, f.Tag)
	b = binary.LittleEndian.AppendUint32(b, f.Chunk)
	b = binary.LittleEndian.AppendUint32(b, f.Segment)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Payload)))
	b = binary.LittleEndian.AppendUint32(b, sum)
	b = binary.LittleEndian.AppendUint32(b, f.place)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
}

// parseHeader fills the frame from a header and returns the length and the sum
// of its payload.
func (f *Frame) parseHeader(b *[headerSize]byte, limit int) (length int, sum uint32, err error) {
	if string(b[:4]) != frameMagic {
		return 0, 0, fieldError("magic", "%q, want %q: the other side does not speak this protocol", b[:4], frameMagic)
	}
	if b[4] != frameVersion {
		return 0, 0, fieldError("version", "%d, want %d: run the same release on all workers", b[4], frameVersion)
	}
	if got, want := crc32.Checksum(b[:headerSummed], castagnoli), binary.LittleEndian.Uint32(b[headerSummed:]); got != want {
		return 0, 0, fieldError("header checksum", "%08x, want %08x: the bytes changed on their way", got, want)
	}
	if b[6] != 0 || b[7] != 0 {
		return 0, 0, fieldError("reserved", "%x, want zero", b[6:8])
	}
	f.Kind = Kind(b[5])
	if f.Kind == 0 || f.Kind >= kindEnd {
		return 0, 0, fieldError("kind", "%d is none of this version's", b[5])
	}
	f.Generation = binary.LittleEndian.Uint64(b[8:])
	f.Step = binary.LittleEndian.Uint64(b[16:])
	f.Tag = binary.LittleEndian.Uint32(b[24:])
	f.Chunk = binary.LittleEndian.Uint32(b[28:])
	f.Segment = binary.LittleEndian.Uint32(b[32:])
	f.place = binary.LittleEndian.Uint32(b[44:])
	n := binary.LittleEndian.Uint32(b[36:])
	if int64(n) > int64(limit) {
		return 0, 0, fieldError("length", "%d bytes, want at most %d", n, limit)
	}
	if int(n)%f.Kind.width() != 0 {
		return 0, 0, fieldError("length", "%d bytes is no whole number of %d-byte numbers", n, f.Kind.width())
	}
	return int(n), binary.LittleEndian.Uint32(b[40:]), nil
}
