package history

import "sort"

// level has buckets of 2^shift steps, in blocks. Step s lies in bucket
// (s-1)>>shift; there is no step 0.
type level struct {
	shift   uint
	columns int
	size    uint64   // buckets of a block
	most    int      // blocks that are kept
	blocks  []*block // by their numbers, those of steps that there are
	lost    uint64   // steps up to this one were dropped
}

// block is consecutive buckets. The lowest level has values, the others cells.
type block struct {
	number uint64
	offset []uint32  // from the first step of a bucket to the one behind its last step that there is; 0: there is none
	at     []float64 // when that was, in seconds since 1970
	values []float32 // of a bucket lie together
	cells  []cell
}

// place returns the block of a step, made where there is none, and the bucket
// in it. The step is not before those of the newest block.
func (l *level) place(step uint64) (b *block, i int) {
	bucket := (step - 1) >> l.shift
	number := bucket / l.size
	if n := len(l.blocks); n > 0 && l.blocks[n-1].number == number {
		return l.blocks[n-1], int(bucket % l.size)
	}
	b = &block{number: number, offset: make([]uint32, l.size), at: make([]float64, l.size)}
	if l.shift == 0 {
		b.values = make([]float32, l.size*uint64(l.columns))
	} else {
		b.cells = make([]cell, l.size*uint64(l.columns))
	}
	if len(l.blocks) == l.most {
		l.lost = (l.blocks[0].number + 1) * l.size << l.shift
		l.blocks[0] = nil
		l.blocks = l.blocks[1:]
	}
	l.blocks = append(l.blocks, b)
	return b, int(bucket % l.size)
}

// add takes in the point of a step behind all others.
func (l *level) add(step uint64, at float64, values []float32) {
	b, i := l.place(step)
	b.offset[i], b.at[i] = uint32((step-1)&(1<<l.shift-1))+1, at
	if l.shift == 0 {
		copy(b.values[i*l.columns:], values)
		return
	}
	cells := b.cells[i*l.columns : (i+1)*l.columns]
	for c := range cells {
		cells[c].add(values[c])
	}
}

// cut drops the buckets that begin behind a step, and empties the one in which
// steps are cut off. It returns the first step of that one.
func (l *level) cut(after uint64) (first uint64) {
	bucket := after >> l.shift // of the step behind
	l.lost = min(l.lost, after)
	for n := len(l.blocks); n > 0 && l.blocks[n-1].number > bucket/l.size; n-- {
		l.blocks[n-1] = nil
		l.blocks = l.blocks[:n-1]
	}
	if n := len(l.blocks); n > 0 && l.blocks[n-1].number == bucket/l.size {
		b, from := l.blocks[n-1], bucket%l.size
		clear(b.offset[from:])
		if l.shift > 0 {
			clear(b.cells[from*uint64(l.columns):])
		}
	}
	return bucket<<l.shift + 1
}

// mend fills the bucket of a step anew from the level below.
func (l *level) mend(step uint64, below *level) {
	below.each(step, step+(1<<l.shift-1), func(last uint64, at float64, of *block, from int) bool {
		b, i := l.place(last)
		b.offset[i], b.at[i] = uint32((last-1)&(1<<l.shift-1))+1, at
		cells := b.cells[i*l.columns : (i+1)*l.columns]
		below.addTo(cells, of, from)
		return true
	})
}

// addTo takes a bucket into cells, one a column.
func (l *level) addTo(cells []cell, b *block, i int) {
	for c := range cells {
		if l.shift == 0 {
			cells[c].add(b.values[i*l.columns+c])
		} else {
			cells[c].merge(&b.cells[i*l.columns+c])
		}
	}
}

// each calls f for each bucket with steps between two, in order, until it is
// false: with its last step, when that was, and where the bucket is.
func (l *level) each(from, to uint64, f func(last uint64, at float64, b *block, i int) bool) {
	first, end := (from-1)>>l.shift, (to-1)>>l.shift
	k := sort.Search(len(l.blocks), func(k int) bool { return l.blocks[k].number >= first/l.size })
	for ; k < len(l.blocks) && l.blocks[k].number <= end/l.size; k++ {
		b := l.blocks[k]
		base := b.number * l.size
		for i := max(first, base); i <= min(end, base+l.size-1); i++ {
			if o := b.offset[i-base]; o > 0 && !f(i<<l.shift+uint64(o), b.at[i-base], b, int(i-base)) {
				return
			}
		}
	}
}

// last is the last step that there is; 0: none.
func (l *level) last() (step uint64) {
	for n := len(l.blocks) - 1; n >= 0 && step == 0; n-- {
		b := l.blocks[n]
		for i := len(b.offset) - 1; i >= 0 && step == 0; i-- {
			if b.offset[i] > 0 {
				step = (b.number*l.size+uint64(i))<<l.shift + uint64(b.offset[i])
			}
		}
	}
	return step
}
