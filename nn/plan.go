package nn

import (
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// align is the spacing of buffers in the arena, in elements: 64 bytes.
const align = 16

// Plan ends recording: it joins operations that are faster together ([Tape.Fusions]),
// finds how long every buffer lives, lays the buffers
// out in one block so that those alive together do not overlap, and notes
// after which operation each parameter's gradient is whole.
func (t *Tape) Plan() {
	t.arrange()
	t.moveTo(tensor.AlignedSlice(t.arena))
	t.reserveRoom()
	if t.poisoned {
		for _, b := range t.buffers {
			spoil(b.Data)
		}
	}
}

// arrange is Plan without the memory, of which t.arena elements are needed.
func (t *Tape) arrange() {
	t.planned = true
	t.fuse()
	t.lifetimes()
	t.readiness()
	if t.poisoned {
		t.arena = apart(t.buffers)
	} else {
		t.arena = place(t.buffers)
	}
}

// moveTo gives the buffers their places in a block of memory.
func (t *Tape) moveTo(block []float32) {
	for _, b := range t.buffers {
		b.Data = block[b.offset : b.offset+b.size : b.offset+b.size]
	}
}

// lifetimes gives every buffer its first and last time.
func (t *Tape) lifetimes() {
	n := len(t.ops)
	back := func(i int) int { return 2*n - 1 - i }
	t.zero = make([][]*Node, n)
	t.findIdle()
	for i, use := range t.uses {
		for _, x := range use.Inputs {
			x.memory().extend(i)
		}
		for _, y := range use.Outputs {
			y.memory().extend(i)
		}
		for _, b := range use.Scratch {
			b.extend(i)
		}
		if t.Mode != Training || t.idle[i] {
			for _, b := range use.Saved {
				b.extend(i)
			}
			continue
		}
		for _, x := range use.Keep {
			x.memory().extend(back(i))
		}
		for _, b := range use.Saved {
			b.extend(i)
			b.extend(back(i))
		}
		for _, b := range use.Scratch {
			// A scratch buffer shared by both directions must not be
			// overwritten by a neighbour in either.
			b.extend(back(i))
		}
		for _, x := range use.Inputs {
			t.gradLives(x, back(i), back(x.producer))
		}
		for _, y := range use.Outputs {
			t.gradLives(y, back(i), back(i))
		}
	}
	for _, x := range t.kept {
		x.memory().extend(2*n - 1)
	}
	t.keepGrads()
	for _, x := range t.nodes {
		if x.grad != nil {
			first := back(x.grad.first)
			t.zero[first] = append(t.zero[first], x)
		}
	}
	if t.Mode == Training && !t.poisoned {
		t.inPlace(back)
	}
}

// inPlace lets gradients take the place of those that end as they begin. It goes in the order of Backward, so that one
// place may serve a row of operations.
func (t *Tape) inPlace(back func(int) int) {
	for i := len(t.uses) - 1; i >= 0; i-- {
		if !t.uses[i].InPlace {
			continue
		}
		x, y := t.uses[i].Inputs[0], t.uses[i].Outputs[0]
		if x.gradIn.of == nil && y.gradIn.of == nil && x.grad != nil && y.grad != nil && x.grad.first == back(i) && y.grad.last == back(i) {
			y.grad.extend(x.grad.last)
			x.grad.last = -1 // no place of its own
			x.grad = y.grad
		}
	}
}

// gradLives makes the gradient of x live from first to last.
func (t *Tape) gradLives(x *Node, first, last int) {
	if !x.needsGrad {
		return
	}
	x = x.gradRoot()
	if x.grad == nil {
		x.grad = t.Buffer(x.Rows * x.Cols)
	}
	x.grad.extend(first)
	x.grad.extend(last)
}

// readiness finds, for every weight, the operation whose Backward completes its
// gradient: the earliest that uses it.
func (t *Tape) readiness() {
	t.ready = make([][]*Weight, len(t.ops))
	if t.Mode != Training {
		return
	}
	t.beginnings()
	seen := map[*Weight]bool{}
	for i, use := range t.uses {
		for _, w := range use.Weights {
			if !seen[w] && !w.frozen {
				seen[w] = true
				t.ready[i] = append(t.ready[i], w)
			}
		}
	}
	// The gradient of a parameter that no operation uses is zero from the start.
	for _, p := range t.params.List {
		if w := t.Param(p); !seen[w] && !w.frozen && len(t.ops) > 0 {
			last := len(t.ops) - 1
			w.unused = true
			t.begin[last], t.ready[last] = append(t.begin[last], w), append(t.ready[last], w)
		}
	}
	for _, s := range t.params.Statistics {
		if !t.measures[s] {
			t.others = append(t.others, s)
		}
	}
}

// beginnings finds, for every weight, the operation whose Backward is the first
// to touch its gradient: the last that uses it.
func (t *Tape) beginnings() {
	t.begin = make([][]*Weight, len(t.ops))
	seen := map[*Weight]bool{}
	for i := len(t.uses) - 1; i >= 0; i-- {
		for _, w := range t.uses[i].Weights {
			if !seen[w] && !w.frozen {
				seen[w] = true
				t.begin[i] = append(t.begin[i], w)
			}
		}
	}
}

// place lays out the buffers, the largest first, each at the lowest offset
// where no buffer of an overlapping life lies, and returns the block's length.
func place(buffers []*Buffer) int {
	order := slices.Clone(buffers)
	slices.SortStableFunc(order, func(a, b *Buffer) int { return b.size - a.size })
	var placed []*Buffer // by offset
	end := 0
	for _, b := range order {
		if b.last < 0 {
			continue // never used
		}
		at := 0
		for _, p := range placed {
			if p.last < b.first || b.last < p.first {
				continue
			}
			if at+b.size <= p.offset {
				break
			}
			at = max(at, roundUp(p.offset+p.size))
		}
		b.offset = at
		end = max(end, at+b.size)
		i, _ := slices.BinarySearchFunc(placed, at, func(p *Buffer, at int) int { return p.offset - at })
		placed = slices.Insert(placed, i, b)
	}
	return end
}

func roundUp(n int) int { return (n + align - 1) / align * align }
