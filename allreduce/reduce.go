package allreduce

import "fmt"

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

	want []byte // for each chunk, which frames are still to come
	left int    // frames still to come
}

// What is still to come for a chunk.
const (
	wantPartial = 1 << iota
	wantSum
)

// Reset prepares the machine for a bucket: lanes are the gradients of the own
// lanes in order, each of the bucket's length, and out receives their sum over
// all lanes of the ring. out may not overlap a lane. Memory of an earlier use
// is used again.
func (r *Reduction) Reset(view View, self int, step uint64, bucket uint32, lanes [][]float32, out []float32) error {
	lo, hi := view.LanesOf(self)
	if len(lanes) != hi-lo {
		return fmt.Errorf("step %d bucket %d: gradients of %d lanes, want those of lanes [%d, %d)", step, bucket, len(lanes), lo, hi)
	}
	for i, g := range lanes {
		if len(g) != len(out) {
			return fmt.Errorf("step %d bucket %d: lane %d has %d numbers, want %d", step, bucket, lo+i, len(g), len(out))
		}
	}
	*r = Reduction{view: view, self: self, lo: lo, hi: hi, step: step, bucket: bucket,
		lanes: append(r.lanes[:0], lanes...), out: out, want: r.want[:0]}
	for c := range view.Lanes {
		var want byte
		if a, b := chunkRange(len(out), view.Lanes, c); a < b && view.Workers() > 1 {
			if c != lo {
				want |= wantPartial
				r.left++
			}
			if r.finisher(c) != self {
				want |= wantSum
				r.left++
			}
		}
		r.want = append(r.want, want)
	}
	return nil
}

// finisher is the worker that folds in the last lane of chunk c, lane c−1.
func (r *Reduction) finisher(c int) int { return r.view.Owner((c + r.view.Lanes - 1) % r.view.Lanes) }

// Start folds the chunks that begin at the own lanes and appends the frames to
// send to out.
func (r *Reduction) Start(out []Frame) []Frame {
	for c := r.lo; c < r.hi; c++ {
		a, b := chunkRange(len(r.out), r.view.Lanes, c)
		if a == b {
			continue
		}
		first, rest := r.lanes[c-r.lo][a:b], r.lanes[c-r.lo+1:]
		if r.view.Workers() == 1 {
			addLanes(r.out[a:b], first, rest, a)
			addLanes(r.out[a:b], r.out[a:b], r.lanes[:c], a)
			continue
		}
		f := Frame{Kind: KindPartial, Generation: r.view.Generation, Step: r.step, Tag: r.bucket, Chunk: uint32(c)}
		f.alloc(4 * (b - a))
		addLanes(floats32(f.Payload), first, rest, a)
		out = append(out, f)
	}
	return out
}

// Receive takes a frame from the previous worker, whose payload is the
// machine's from then on, and appends the frames to send to out.
func (r *Reduction) Receive(f Frame, out []Frame) ([]Frame, error) {
	if err := r.check(&f); err != nil {
		return out, err
	}
	c := int(f.Chunk)
	a, b := chunkRange(len(r.out), r.view.Lanes, c)
	r.left--
	if f.Kind == KindSum {
		r.want[c] &^= wantSum
		copy(r.out[a:b], floats32(f.Payload))
		if r.view.Next(r.self) == r.finisher(c) {
			f.Release()
			return out, nil
		}
		return append(out, f), nil
	}
	r.want[c] &^= wantPartial
	mine := r.lanes
	if r.lo < c && c < r.hi {
		mine = r.lanes[:c-r.lo] // the chunk began here, and is back for the lanes before
	}
	sum := floats32(f.Payload)
	addLanes(sum, sum, mine, a)
	if r.finisher(c) == r.self {
		f.Kind = KindSum
		copy(r.out[a:b], sum)
	}
	return append(out, f), nil
}

// check refuses a frame that this machine does not wait for.
func (r *Reduction) check(f *Frame) error {
	var want byte
	switch {
	case f.Kind == KindPartial:
		want = wantPartial
	case f.Kind == KindSum:
		want = wantSum
	default:
		return fieldError("kind", "%v within a reduction", f.Kind)
	}
	switch {
	case f.Generation != r.view.Generation:
		return fieldError("generation", "%d, want %d", f.Generation, r.view.Generation)
	case f.Step != r.step:
		return fieldError("step", "%d, want %d", f.Step, r.step)
	case f.Tag != r.bucket:
		return fieldError("bucket", "%d, want %d", f.Tag, r.bucket)
	case int64(f.Chunk) >= int64(len(r.want)):
		return fieldError("chunk", "%d of %d (step %d bucket %d)", f.Chunk, len(r.want), r.step, r.bucket)
	}
	c := int(f.Chunk)
	a, b := chunkRange(len(r.out), r.view.Lanes, c)
	switch {
	case r.want[c]&want == 0:
		return fieldError("chunk", "%v of chunk %d is not awaited, or came twice (step %d bucket %d)", f.Kind, c, r.step, r.bucket)
	case f.Kind == KindSum && r.want[c]&wantPartial != 0:
		return fieldError("kind", "sum of chunk %d before its partial (step %d bucket %d)", c, r.step, r.bucket)
	case len(f.Payload) != 4*(b-a):
		return fieldError("length", "%d bytes in chunk %d, want %d: the workers disagree on the size of step %d bucket %d",
			len(f.Payload), c, 4*(b-a), r.step, r.bucket)
	}
	f.align(4)
	return nil
}

// Done says that out holds the whole sum.
func (r *Reduction) Done() bool { return r.left == 0 }

// Awaiting says what the machine still needs from the previous worker.
func (r *Reduction) Awaiting() string {
	for c, want := range r.want {
		if want != 0 {
			kind := KindSum
			if want&wantPartial != 0 {
				kind = KindPartial
			}
			return fmt.Sprintf("step %d bucket %d: %d frames, first the %v of chunk %d", r.step, r.bucket, r.left, kind, c)
		}
	}
	return ""
}
