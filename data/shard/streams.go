package shard

import (
	"fmt"
	"math/bits"
)

// Streams cuts a text into contiguous streams for networks that carry their state from step to step.
//
// A text of Size bytes makes M = Size-1 pairs: pair i has byte i as input and byte i+1 as target.
// With a global batch of B rows, row r walks stream r, the pairs
//
//	[r*M/B, (r+1)*M/B)        (whole numbers, rounded down)
//
// length of them a step, so that step s of an epoch takes pairs r*M/B + s*length and on. The
// streams meet without gap or overlap: an epoch uses each pair exactly once. Streams differ by one
// pair at most, the last batch of an epoch is as short as what is left, and rows may differ in it.
//
// All of it is a function of the text and the step alone: there is nothing to save, and any worker
// can read any row of any step. Streams is safe for concurrent use.
type Streams struct {
	set    *Set
	batch  int64
	length int64
	pairs  int64         // M
	steps  int64         // of an epoch
	turns  chan struct{} // like the set's, for as many blocks as there are rows
}

// Position is where a step stands.
type Position struct {
	Step         int  // from 0, over the whole run
	Epoch        int  // from 0
	StepOfEpoch  int  // from 0
	FirstOfEpoch bool // every row is back at the start of its stream: states begin at zero
	Count        int  // targets in the global batch, over all rows; batch*length but at the end of an epoch
}

// NewStreams cuts the text of s into batch streams, read length pairs a step. A text that does not
// fill one batch is an error. The cache of s is raised to two blocks a row: the one a row is in,
// and the next while it crosses. Only the rows that are read come to use theirs.
func NewStreams(s *Set, batch, length int) (*Streams, error) {
	return NewStreamsOf(s, 1, batch, length)
}

// NewStreamsOf is NewStreams for a share of the text, above 0 and at most 1: its beginning.
func NewStreamsOf(s *Set, share float64, batch, length int) (*Streams, error) {
	if batch < 1 || length < 1 {
		return nil, fmt.Errorf("batch.global %d and batch.length %d: both must be at least 1", batch, length)
	}
	if s.Kind() != KindText {
		return nil, fmt.Errorf("the set in %s holds records of kind %q: streams are cut from %q", s.dir, s.Kind(), KindText)
	}
	hi, need := bits.Mul64(uint64(batch), uint64(length))
	size := s.Size()
	if share < 1 {
		size = int64(share * float64(size))
	}
	if pairs := size - 1; pairs < 1 || hi != 0 || uint64(pairs) < need {
		return nil, fmt.Errorf("the text in %s has %s, too few for one batch: batch.global %d rows of "+
			"batch.length %d steps need %d*%d+1; lower one of them or give more text",
			s.dir, sizeText(size, s.Size()), batch, length, batch, length)
	}
	st := &Streams{set: s, batch: int64(batch), length: int64(length), pairs: size - 1}
	st.steps = ceilDiv(ceilDiv(st.pairs, st.batch), st.length)
	s.cache.atLeast(2 * batch)
	if s.Remote() {
		// Each row has the block behind its own read beforehand, and every row may enter one in the same step. The block that a row
		// has left stays until those of longer ago have gone: with less room a block that was foreseen would go first.
		s.cache.atLeast(3 * batch)
		st.turns = make(chan struct{}, max(atOnce, batch))
	}
	return st, nil
}

// sizeText says how much of a text is used.
func sizeText(used, all int64) string {
	if used == all {
		return fmt.Sprintf("%d bytes", all)
	}
	return fmt.Sprintf("%d of its %d bytes in use (data.share)", used, all)
}

// StepsPerEpoch is ceil(longest stream / length).
func (s *Streams) StepsPerEpoch() int { return int(s.steps) }

// Step says where a step of the run stands. It panics if step is negative.
func (s *Streams) Step(step int) Position {
	if step < 0 {
		panic(fmt.Sprintf("shard: step %d", step))
	}
	at := int64(step) % s.steps
	// The first M mod B streams' worth are one pair longer; which rows they are does not matter here.
	short, long := s.pairs/s.batch, s.pairs%s.batch
	count := long*s.left(short+1, at) + (s.batch-long)*s.left(short, at)
	return Position{
		Step: step, Epoch: int(int64(step) / s.steps), StepOfEpoch: int(at), FirstOfEpoch: at == 0, Count: int(count),
	}
}

// left is how many pairs a stream of size pairs gives at step at of an epoch.
func (s *Streams) left(size, at int64) int64 { return max(0, min(s.length, size-at*s.length)) }

// Pairs is how many pairs an epoch has.
func (s *Streams) Pairs() int64 { return s.pairs }

// Span gives the first pair and the number of pairs that one row of the global batch takes in a step.
func (s *Streams) Span(step, row int) (first, n int64) {
	at := int64(step) % s.steps
	start, end := s.bound(int64(row)), s.bound(int64(row)+1)
	return start + at*s.length, s.left(end-start, at)
}

// bound is row*M/B, through 128 bits.
func (s *Streams) bound(row int64) int64 {
	hi, lo := bits.Mul64(uint64(row), uint64(s.pairs))
	q, _ := bits.Div64(hi, lo, uint64(s.batch)) // row <= B, so q <= M and Div64 cannot overflow
	return int64(q)
}

// Read fills in and target, both of at least length bytes, for one row of the global batch: target
// is in moved on by one byte. It returns the number n of valid pairs, from 0 to length, and zeroes
// what is behind them.
func (s *Streams) Read(step, row int, in, target []byte) (n int, err error) {
	if step < 0 || row < 0 || int64(row) >= s.batch {
		return 0, fmt.Errorf("step %d, row %d: a batch has rows 0 to %d", step, row, s.batch-1)
	}
	if int64(min(len(in), len(target))) < s.length {
		return 0, fmt.Errorf("step %d, row %d: %d and %d bytes of room for %d", step, row, len(in), len(target), s.length)
	}
	first, count := s.Span(step, row)
	n = int(count)
	clear(in[n:])
	clear(target[n:])
	if n == 0 {
		return 0, nil
	}
	if _, err := s.set.ReadAt(in[:n], first); err != nil {
		return 0, fmt.Errorf("step %d, row %d: %w", step, row, err)
	}
	copy(target, in[1:n])
	if _, err := s.set.ReadAt(target[n-1:n], first+count); err != nil {
		return 0, fmt.Errorf("step %d, row %d: %w", step, row, err)
	}
	return n, nil
}

// Foresee begins to read what a row takes in a step, and what is behind it, from a set in an object store. It does not
// wait.
func (s *Streams) Foresee(step, row int) {
	if !s.set.Remote() || step < 0 || row < 0 || int64(row) >= s.batch {
		return
	}
	if first, n := s.Span(step, row); n > 0 {
		at := s.set.find(first)
		s.set.foresee(at, s.turns)
		if at+1 < len(s.set.blocks) {
			s.set.foresee(at+1, s.turns)
		}
	}
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
