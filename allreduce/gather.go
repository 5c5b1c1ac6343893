package allreduce

import "fmt"

// gathering is a gather or a barrier as one worker sees it: a state machine
// like Reduction. Each worker's frame makes n−1 hops; its chunk is the number of
// the worker it came from.
type gathering struct {
	view View
	self int
	kind Kind
	step uint64
	tag  uint32
	own  [][]float64
	out  [][]float64 // [L][k]
	k    int

	got  []bool // by worker
	left int
}

func (g *gathering) reset(view View, self int, kind Kind, step uint64, tag uint32, own, out [][]float64) error {
	lo, hi := view.LanesOf(self)
	k := 0
	if kind == KindGather {
		if len(own) != hi-lo {
			return fmt.Errorf("step %d gather %d: vectors of %d lanes, want those of lanes [%d, %d)", step, tag, len(own), lo, hi)
		}
		if len(out) != view.Lanes {
			return fmt.Errorf("step %d gather %d: room for %d lanes, want %d", step, tag, len(out), view.Lanes)
		}
		k = len(out[0])
		for l, v := range out {
			if len(v) != k {
				return fmt.Errorf("step %d gather %d: room for %d numbers at lane %d, want %d", step, tag, len(v), l, k)
			}
		}
		for i, v := range own {
			if len(v) != k {
				return fmt.Errorf("step %d gather %d: lane %d has %d numbers, want %d", step, tag, lo+i, len(v), k)
			}
		}
	}
	got := append(g.got[:0], make([]bool, view.Workers())...)
	got[self] = true
	*g = gathering{view: view, self: self, kind: kind, step: step, tag: tag,
		own: append(g.own[:0], own...), out: append(g.out[:0], out...), k: k, got: got, left: view.Workers() - 1}
	return nil
}

// Start puts the own vectors in their place and sends them on their way.
func (g *gathering) Start(out []Frame) (frames []Frame, more bool) {
	lo, _ := g.view.LanesOf(g.self)
	for i, v := range g.own {
		copy(g.out[lo+i], v)
	}
	if g.view.Workers() == 1 {
		return out, false
	}
	f := Frame{Kind: g.kind, Generation: g.view.Generation, Step: g.step, Tag: g.tag, Chunk: uint32(g.self)}
	f.alloc(g.size(g.self))
	p := floats64(f.Payload)
	for i, v := range g.own {
		copy(p[i*g.k:], v)
	}
	return append(out, f), false
}

// size is the length in bytes of a worker's frame.
func (g *gathering) size(worker int) int {
	lo, hi := g.view.LanesOf(worker)
	return 8 * g.k * (hi - lo)
}

func (g *gathering) Receive(f Frame, out []Frame) ([]Frame, error) {
	if f.Kind != g.kind {
		return out, fieldError("kind", "%v, want %v", f.Kind, g.kind)
	}
	if int64(f.Chunk) >= int64(len(g.got)) {
		return out, fieldError("chunk", "%d, want a worker's number below %d (step %d %v %d)", f.Chunk, len(g.got), g.step, g.kind, g.tag)
	}
	from := int(f.Chunk)
	if g.got[from] {
		return out, fieldError("chunk", "worker %d's part came twice (step %d %v %d)", from, g.step, g.kind, g.tag)
	}
	if len(f.Payload) != g.size(from) {
		return out, fieldError("length", "%d bytes from worker %d, want %d: the workers disagree on step %d %v %d",
			len(f.Payload), from, g.size(from), g.step, g.kind, g.tag)
	}
	g.got[from] = true
	g.left--
	if g.k > 0 {
		f.align(8)
		lo, hi := g.view.LanesOf(from)
		p := floats64(f.Payload)
		for l := lo; l < hi; l++ {
			copy(g.out[l], p[(l-lo)*g.k:])
		}
	}
	return passOn(g.view, g.self, from, f, out), nil
}

func (g *gathering) Done() bool { return g.left == 0 }

func (g *gathering) Awaiting() string {
	for w, got := range g.got {
		if !got {
			return fmt.Sprintf("step %d %v %d: the parts of %d workers, first worker %d's", g.step, g.kind, g.tag, g.left, w)
		}
	}
	return ""
}

// passOn sends a frame of a worker on, unless the next worker is where it began.
func passOn(view View, self, origin int, f Frame, out []Frame) []Frame {
	if view.Next(self) == origin {
		f.Release()
		return out
	}
	return append(out, f)
}

// broadcast is one worker's bytes on their way to all.
type broadcast struct {
	view       View
	self, root int
	step       uint64
	tag        uint32
	data       []byte
	done       bool
}

// Start sends the root's bytes on their way.
func (b *broadcast) Start(out []Frame) (frames []Frame, more bool) {
	if b.self != b.root {
		return out, false
	}
	b.done = true
	if b.view.Workers() == 1 {
		return out, false
	}
	f := Frame{Kind: KindBroadcast, Generation: b.view.Generation, Step: b.step, Tag: b.tag, Chunk: uint32(b.root)}
	f.alloc(len(b.data))
	copy(f.Payload, b.data)
	return append(out, f), false
}

func (b *broadcast) Receive(f Frame, out []Frame) ([]Frame, error) {
	if int64(f.Chunk) != int64(b.root) {
		return out, fieldError("chunk", "a broadcast of worker %d, want one of worker %d (step %d tag %d)", f.Chunk, b.root, b.step, b.tag)
	}
	if b.done {
		return out, fieldError("chunk", "worker %d's bytes came twice (step %d broadcast %d)", b.root, b.step, b.tag)
	}
	b.data = append([]byte(nil), f.Payload...)
	b.done = true
	return passOn(b.view, b.self, b.root, f, out), nil
}

func (b *broadcast) Done() bool { return b.done }

func (b *broadcast) Awaiting() string {
	return fmt.Sprintf("step %d broadcast %d: the bytes of worker %d", b.step, b.tag, b.root)
}
