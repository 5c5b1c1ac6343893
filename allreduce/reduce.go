package allreduce

import (
	"fmt"
	"math"
)

const (
	// segmentSize is how many numbers of a chunk make a frame: few enough that a
	// frame that has come is folded and sent on from the second cache, while the
	// next is on its way; enough that calls of the system cost little. A frame,
	// enciphered or not, fills four packets of the loopback interface (65,483
	// bytes) as nearly as whole blocks of the fold do; with 2^16 numbers a fifth
	// would carry the rest. It is part of the protocol.
	segmentSize = 63 << 10
	// nearWindow is how many numbers of a bucket a worker sends out of its own
	// accord before the first of them is back, when its neighbours are on this
	// host: what is under way stays in the caches. farWindow is the same with a
	// network between them, and fills a line of 1 Gbit/s over 30 ms.
	nearWindow = 2 * segmentSize
	farWindow  = 1 << 20
	// largeBucket is how many numbers push each other out of the caches before
	// anyone reads them.
	largeBucket = 1 << 20
)

// Reduction is one bucket's way round the ring as one worker sees it: a state
// machine that takes frames and returns the frames to send to the next worker.
// It has no goroutine, clock or socket, so any order of delivery can be played
// and played again. See the package documentation for the steps.
type Reduction struct {
	view   View
	self   int
	lo, hi int // own lanes
	step   uint64
	bucket uint32
	lanes  [][]float32 // own lanes' gradients, each [len(out)]
	out    []float32
	part   Part // which out is of the bucket

	folder          folder
	segment, window int                           // numbers; see segmentSize and nearWindow
	sums            bool                          // payloads carry a sum to the next worker
	lend            func(bytes int) (Frame, bool) // memory of the link to the next worker, or nil

	chunks []progress
	left   int // frames still to come
	begin  struct{ chunk, segment int }
	away   int // numbers that began here and are not back
	home   home
}

// progress is what has come of a chunk, in segments.
type progress struct {
	segments       int // of the chunk
	partials, sums int // those that are still to come
}

// Part says which numbers of a bucket travel: those from First on, of Of. A bucket
// cut into parts has the bits of the whole, as its chunks are those of the whole.
type Part struct{ First, Of int }

// setDefaults fills in what only tests and the group set.
func (r *Reduction) setDefaults() {
	if r.segment == 0 {
		r.segment, r.window = segmentSize, nearWindow
	}
}

// Reset prepares the machine for a bucket: lanes are the gradients of the own
// lanes in order, each of the bucket's length, and out receives their sum over
// all lanes of the ring. out may overlap no lane, but in a ring of one lane alone
// it may be that lane. Memory of an earlier use is used again.
func (r *Reduction) Reset(view View, self int, step uint64, bucket uint32, lanes [][]float32, out []float32) error {
	return r.ResetPart(view, self, step, bucket, Part{0, len(out)}, lanes, out)
}

// ResetPart is Reset for numbers [part.First, part.First+len(out)) of a bucket.
func (r *Reduction) ResetPart(view View, self int, step uint64, bucket uint32, part Part, lanes [][]float32, out []float32) error {
	lo, hi := view.LanesOf(self)
	if len(lanes) != hi-lo {
		return fmt.Errorf("step %d bucket %d: gradients of %d lanes, want those of lanes [%d, %d)", step, bucket, len(lanes), lo, hi)
	}
	for i, g := range lanes {
		if len(g) != len(out) {
			return fmt.Errorf("step %d bucket %d: lane %d has %d numbers, want %d", step, bucket, lo+i, len(g), len(out))
		}
	}
	if part.First < 0 || part.First > part.Of-len(out) {
		return fmt.Errorf("step %d bucket %d: a part of %d numbers from %d on, of %d", step, bucket, len(out), part.First, part.Of)
	}
	r.setDefaults()
	r.part = part
	r.view, r.self, r.lo, r.hi, r.step, r.bucket = view, self, lo, hi, step, bucket
	r.lanes, r.out = append(r.lanes[:0], lanes...), out
	r.chunks, r.left, r.away = r.chunks[:0], 0, 0
	r.begin.chunk, r.begin.segment = lo, 0
	r.folder.large = part.Of >= largeBucket
	r.home.reset(r)
	if view.Workers() == 1 {
		return nil
	}
	for c := range view.Lanes {
		a, b := r.chunk(c)
		p := progress{segments: (b - a + r.segment - 1) / r.segment}
		if p.segments > math.MaxUint32 {
			return fmt.Errorf("step %d bucket %d: chunk %d has %d segments, too many for the wire", step, bucket, c, p.segments)
		}
		if c != lo {
			p.partials = p.segments
		}
		if r.finisher(c) != self {
			p.sums = p.segments
		}
		r.left += p.partials + p.sums
		r.chunks = append(r.chunks, p)
	}
	return nil
}

// finisher is the worker that folds in the last lane of chunk c, lane c−1.
func (r *Reduction) finisher(c int) int { return r.view.Owner((c + r.view.Lanes - 1) % r.view.Lanes) }

// chunk is what of chunk c of the bucket lies in out.
func (r *Reduction) chunk(c int) (lo, hi int) {
	lo, hi = chunkRange(r.part.Of, r.view.Lanes, c)
	return min(max(lo-r.part.First, 0), len(r.out)), min(max(hi-r.part.First, 0), len(r.out))
}

// extent is what of out a segment of a chunk is.
func (r *Reduction) extent(c, segment int) (lo, hi int) {
	a, b := r.chunk(c)
	lo = a + segment*r.segment
	return lo, min(lo+r.segment, b)
}

// Start folds a segment that begins at the own lanes and appends its frame to
// out. more says that it should be called again.
func (r *Reduction) Start(out []Frame) (frames []Frame, more bool) {
	if r.view.Workers() == 1 {
		return out, r.home.fold(r)
	}
	for r.begin.chunk < r.hi && r.begin.segment == r.chunks[r.begin.chunk].segments {
		r.begin.chunk, r.begin.segment = r.begin.chunk+1, 0
	}
	c := r.begin.chunk
	if c == r.hi {
		return out, false
	}
	a, b := r.extent(c, r.begin.segment)
	if r.away > 0 && r.away+b-a > r.window {
		return out, false
	}
	f := r.frame(r.folder.wire.partial(), c, r.begin.segment)
	r.alloc(&f, b-a)
	r.tally(nil, &f)
	r.folder.begin(f.Payload, r.lanes[c-r.lo][a:b], r.lanes[c-r.lo+1:], a)
	r.folder.tally.give(&f)
	r.begin.segment++
	r.away += b - a
	return append(out, f), true
}

func (r *Reduction) frame(kind Kind, chunk, segment int) Frame {
	return Frame{Kind: kind, Generation: r.view.Generation, Step: r.step, Tag: r.bucket, Chunk: uint32(chunk), Segment: uint32(segment)}
}

// alloc gives a frame room for n numbers, where the next worker sees them if
// that can be.
func (r *Reduction) alloc(f *Frame, n int) {
	if bytes := n * r.folder.wire.width(); !r.borrow(f, bytes) {
		f.alloc(bytes)
	}
}

// borrow gives a frame memory of the link to the next worker.
func (r *Reduction) borrow(f *Frame, bytes int) bool {
	if r.lend == nil {
		return false
	}
	lent, ok := r.lend(bytes)
	if ok {
		f.mem, f.place, f.Payload = lent.mem, lent.place, lent.Payload
	}
	return ok
}

// onward is the frame in which a payload that came travels on: another one when
// that lies in memory of either neighbour, the same otherwise.
func (r *Reduction) onward(f *Frame) Frame {
	next := *f
	if r.borrow(&next, len(f.Payload)) {
		return next
	}
	if _, shared := f.mem.(*slot); shared {
		next.alloc(len(f.Payload))
	}
	return next
}

// Receive takes a frame from the previous worker, whose payload is the
// machine's from then on, and appends the frames to send to out.
func (r *Reduction) Receive(f Frame, out []Frame) ([]Frame, error) {
	if err := r.check(&f); err != nil {
		return out, err
	}
	c := int(f.Chunk)
	a, b := r.extent(c, int(f.Segment))
	var err error
	r.left--
	if f.Kind == r.folder.wire.sum() {
		r.chunks[c].sums--
		out, err = r.finished(f, a, b, out)
	} else {
		r.chunks[c].partials--
		out, err = r.fold(f, a, b, out)
	}
	if err != nil {
		return out, err
	}
	if r.lo <= c && c < r.hi && (f.Kind == r.folder.wire.partial() || c == r.lo) {
		r.away -= b - a // it has been round
		out, _ = r.Start(out)
	}
	return out, nil
}

// tally makes the folder take the sums that came with one frame and that goes
// with another. Either may be nil.
func (r *Reduction) tally(came, goes *Frame) {
	r.folder.tally.start(came != nil && came.unchecked, goes != nil && r.sums && goes.place == 0)
}

// finished takes a sum.
func (r *Reduction) finished(f Frame, a, b int, out []Frame) ([]Frame, error) {
	last := r.view.Next(r.self) == r.finisher(int(f.Chunk))
	var next Frame
	var to []byte // where it goes on from, if that is elsewhere
	if !last {
		if next = r.onward(&f); next.mem != f.mem {
			to = next.Payload
		}
	}
	r.tally(&f, nil) // what goes on has the sum it came with
	r.folder.finished(r.out[a:b], f.Payload, to)
	if err := r.folder.tally.check(&f); err != nil {
		return out, err
	}
	if last || to != nil {
		f.Release()
	}
	if last {
		return out, nil
	}
	next.unchecked = false
	return append(out, next), nil
}

// fold takes a partial.
func (r *Reduction) fold(f Frame, a, b int, out []Frame) ([]Frame, error) {
	c := int(f.Chunk)
	mine := r.lanes
	if r.lo < c && c < r.hi {
		mine = r.lanes[:c-r.lo] // the chunk began here, and is back for the lanes before
	}
	next := r.onward(&f)
	var sum []float32
	if r.finisher(c) == r.self {
		next.Kind, sum = r.folder.wire.sum(), r.out[a:b]
	}
	r.tally(&f, &next)
	r.folder.advance(next.Payload, f.Payload, mine, a, sum)
	if err := r.folder.tally.check(&f); err != nil {
		return out, err
	}
	r.folder.tally.give(&next)
	if next.mem != f.mem {
		f.Release()
	}
	return append(out, next), nil
}

// Done says that out holds the whole sum.
func (r *Reduction) Done() bool { return r.left == 0 }

// Awaiting says what the machine still needs from the previous worker.
func (r *Reduction) Awaiting() string {
	for c, p := range r.chunks {
		kind, n := r.folder.wire.partial(), p.partials
		if n == 0 {
			kind, n = r.folder.wire.sum(), p.sums
		}
		if n > 0 {
			return fmt.Sprintf("step %d bucket %d: %d frames, first the %v of chunk %d segment %d", r.step, r.bucket, r.left, kind, c, p.segments-n)
		}
	}
	return ""
}
