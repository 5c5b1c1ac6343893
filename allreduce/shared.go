package allreduce

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// Two neighbours on one host share a region of memory. The worker that sends
// writes payloads into it, round and round, and the worker that receives folds
// them from where they lie. Everything else takes the socket, which stays open
// beside it: headers, one for each payload and in the same order, payloads for
// which there is no room, and the news of the other's end. So nobody ever waits
// for shared memory, and nothing is believed that is read from it: a header
// comes once, through the socket, and is checked before its place is looked at.
//
// The one word that is read from the region is how far the receiver has got. If
// the other process writes nonsense there or into payloads, sums are wrong as
// they are when it sends wrong numbers, and no more than that.
//
//	region   receiver's word | 64 B | payloads: lines of 64 B, numbered from 1
//
// Positions count bytes of payload memory since the beginning and wrap by the
// region's size. A payload is never cut: what would reach past the end begins
// at line 1, and the rest before the end is left out.
const (
	lineSize   = 64
	sharedHead = 4096
	// sharedSize holds what is under way between two neighbours: a few segments
	// of each bucket. It stays in the processor's last cache.
	sharedSize = 4 << 20
	// sharedLeast is the payload from which on sharing beats the socket.
	sharedLeast = 2 << 10
)

// region is mapped memory. The mapping ends when nothing refers to it any more:
// a frame holds on to its region.
type region struct {
	word *atomic.Uint64 // bytes that the receiver is done with
	data []byte
}

func newRegion(all []byte) *region {
	return &region{word: (*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(all))), data: all[sharedHead:]}
}

// free makes a region the block of a frame to be sent, which is used again when
// the receiver says so.
func (*region) free() {}

func lines(n int) uint64 { return (uint64(n) + lineSize - 1) &^ (lineSize - 1) }

// sharedOut is the sender's side. One goroutine may lend at a time.
type sharedOut struct {
	region      *region
	head, freed uint64
}

// lend is a frame with a payload of n bytes in shared memory, if there is room.
func (s *sharedOut) lend(n int) (Frame, bool) {
	if s == nil || n < sharedLeast {
		return Frame{}, false
	}
	size := uint64(len(s.region.data))
	if now := s.region.word.Load(); now-s.freed <= s.head-s.freed { // otherwise it is nonsense
		s.freed = now
	}
	at, need := s.head, lines(n)
	if at%size+need > size {
		at += size - at%size
	}
	if need > size || at+need-s.freed > size {
		return Frame{}, false
	}
	s.head = at + need
	from := int(at % size)
	return Frame{mem: s.region, place: uint32(1 + from/lineSize), Payload: s.region.data[from : from+n : from+n]}, true
}

// sharedIn is the receiver's side.
type sharedIn struct {
	region *region

	mu    sync.Mutex
	tail  uint64  // position after the newest payload
	freed uint64  // position before which everything was given back
	taken []*slot // in order of their positions
	idle  []*slot
}

// slot is the block of a frame that was received in shared memory.
type slot struct {
	shared *sharedIn
	end    uint64
	done   bool
}

// take gives a frame of n bytes its payload, after a look at the place that its
// header names.
func (s *sharedIn) take(f *Frame, n int) error {
	place := f.place
	f.place = 0
	if s == nil {
		return fieldError("place", "line %d of shared memory, but none is shared on this link", place)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size := uint64(len(s.region.data))
	from := uint64(place-1) * lineSize
	at := s.tail
	if from == 0 && at%size != 0 {
		at += size - at%size
	}
	end := at + lines(n)
	switch {
	case n == 0 || from != at%size:
		return fieldError("place", "line %d of shared memory for %d bytes, want line %d or 1", place, n, 1+s.tail%size/lineSize)
	case from+uint64(n) > size || end-s.freed > size:
		return fieldError("place", "line %d of shared memory for %d bytes, of which the end is not free", place, n)
	}
	s.tail = end
	slot := s.newSlot()
	slot.end = end
	s.taken = append(s.taken, slot)
	f.mem, f.Payload = slot, s.region.data[from:from+uint64(n):from+uint64(n)]
	return nil
}

func (s *sharedIn) newSlot() *slot {
	if n := len(s.idle); n > 0 {
		slot := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return slot
	}
	return &slot{shared: s}
}

// free gives the memory back, as soon as all before it has been.
func (l *slot) free() {
	s := l.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	l.done = true
	n := 0
	for n < len(s.taken) && s.taken[n].done {
		s.freed = s.taken[n].end
		s.taken[n].done = false
		s.idle = append(s.idle, s.taken[n])
		n++
	}
	if n > 0 {
		s.taken = append(s.taken[:0], s.taken[n:]...)
		s.region.word.Store(s.freed)
	}
}

// keep moves a payload out of memory that the neighbour waits for.
func (f *Frame) keep() {
	if _, shared := f.mem.(*slot); !shared {
		return
	}
	old := *f
	f.alloc(len(old.Payload))
	copy(f.Payload, old.Payload)
	old.Release()
}
