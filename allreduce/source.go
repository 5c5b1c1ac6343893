package allreduce

import (
	"hash/crc32"
	"io"
	"sync/atomic"
)

// source is where frames are read from.
type source struct {
	from   io.Reader
	socket *socket   // of the same connection, or nil
	limit  int       // longest payload, bytes
	summed bool      // payloads carry a sum
	lazy   bool      // who folds a payload compares its sum
	shared *sharedIn // the memory that payloads may lie in, or nil

	header [headerSize]byte
	ahead  [readSize]byte // ahead[lo:hi] was read with what came before
	lo, hi int

	came atomic.Int64 // bytes, for whoever asks whether the link moves
}

// read reads one frame. io.EOF means that the stream ended between two frames.
func (r *source) read(f *Frame) error {
	*f = Frame{}
	if err := r.fill(r.header[:], readSize); err != nil {
		return err
	}
	n, sum, err := f.parseHeader(&r.header, r.limit)
	if err != nil {
		return err
	}
	if f.place != 0 {
		return r.shared.take(f, n)
	}
	if err := r.payload(f, n); err != nil {
		f.Release()
		return err
	}
	if f.sum, f.summed = sum, r.summed; f.summed {
		if f.unchecked = r.lazy && (f.Kind == KindPartial || f.Kind == KindSum); !f.unchecked {
			err = f.check(crc32.Checksum(f.Payload, castagnoli))
		}
	}
	if err != nil {
		f.Release()
		return err
	}
	if !littleEndian {
		swapOrder(f.Payload, f.Kind.width())
	}
	return nil
}

// trusted is how many bytes a header alone may make us take. A longer payload's
// memory grows as its bytes arrive.
const trusted = 4 << 20

// payload reads a payload of n bytes, and the next header with a long one.
func (r *source) payload(f *Frame, n int) error {
	m := newMemory(min(n, trusted))
	f.mem, f.Payload = m, m.bytes(min(n, trusted))
	next := readSize
	if n >= directSize {
		next = headerSize
	}
	for have := 0; ; {
		err := r.fill(f.Payload[have:], next)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if have = len(f.Payload); err != nil || have == n {
			return err
		}
		longer := newMemory(min(n, 2*have))
		copy(longer.bytes(have), f.Payload)
		m.free()
		m = longer
		f.mem, f.Payload = m, m.bytes(min(n, 2*have))
	}
}

// fill fills b, and reads at most so many bytes ahead with it. io.EOF means that
// there was nothing for it.
func (r *source) fill(b []byte, ahead int) error {
	have := copy(b, r.ahead[r.lo:r.hi])
	r.lo += have
	for have < len(b) {
		n, err := r.more(b[have:], ahead)
		if have += n; err != nil && have < len(b) {
			if err == io.EOF && have > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// more reads what is there into b, and what is beyond into r.ahead, which is empty.
func (r *source) more(b []byte, ahead int) (n int, err error) {
	switch {
	case r.socket != nil:
		n, err = r.socket.read(b, r.ahead[:ahead])
		r.lo, r.hi = 0, max(0, n-len(b))
	case len(b) >= readSize:
		n, err = r.from.Read(b)
	default:
		n, err = r.from.Read(r.ahead[:])
		r.lo, r.hi = copy(b, r.ahead[:n]), n
	}
	r.came.Add(int64(max(0, n)))
	return min(n, len(b)), err
}
