package allreduce

import "fmt"

// mirroring is the collective in which every worker gives the next one a copy of
// some bytes: a state machine like Reduction.
type mirroring struct {
	view       View
	self       int
	step       uint64
	tag        uint32
	own, kept  []byte
	sent, came int // bytes
	segment    int // bytes of a frame
}

// mirrorSegment is how many bytes of a copy travel as one frame.
const mirrorSegment = 1 << 18

// Start sends a segment of the own bytes.
func (m *mirroring) Start(out []Frame) (frames []Frame, more bool) {
	if m.view.Workers() == 1 || m.sent == len(m.own) {
		return out, false
	}
	end := min(m.sent+m.segment, len(m.own))
	f := Frame{Kind: KindMirror, Generation: m.view.Generation, Step: m.step, Tag: m.tag, Chunk: uint32(m.self), Segment: uint32(m.sent / m.segment)}
	f.alloc(end - m.sent)
	copy(f.Payload, m.own[m.sent:end])
	m.sent = end
	return append(out, f), m.sent < len(m.own)
}

// Receive takes a segment of the previous worker's bytes.
func (m *mirroring) Receive(f Frame, out []Frame) ([]Frame, error) {
	defer f.Release()
	if from := m.view.Prev(m.self); int64(f.Chunk) != int64(from) {
		return out, fieldError("chunk", "a copy of worker %d's, want one of worker %d's (step %d tag %d)", f.Chunk, from, m.step, m.tag)
	}
	if int64(f.Segment) != int64(m.came/m.segment) {
		return out, fieldError("segment", "%d, want %d (step %d %v %d)", f.Segment, m.came/m.segment, m.step, f.Kind, m.tag)
	}
	if want := min(m.segment, len(m.kept)-m.came); len(f.Payload) != want {
		return out, fieldError("length", "%d bytes, want %d: the workers disagree on step %d %v %d", len(f.Payload), want, m.step, f.Kind, m.tag)
	}
	m.came += copy(m.kept[m.came:], f.Payload)
	return out, nil
}

func (m *mirroring) Done() bool {
	return m.view.Workers() == 1 || m.came == len(m.kept) && m.sent == len(m.own)
}

func (m *mirroring) Awaiting() string {
	return fmt.Sprintf("step %d mirror %d: %d of %d bytes", m.step, m.tag, len(m.kept)-m.came, len(m.kept))
}

// Mirror starts to give the next worker a copy of own and to receive the
// previous worker's, whose length all know, into kept. It returns at once;
// neither may be touched until Wait returns. A worker alone keeps nothing.
func (g *Group) Mirror(step uint64, tag uint32, own, kept []byte) (*Pending, error) {
	c := g.newCall(key{classMirror, step, tag})
	c.mirroring = mirroring{view: g.view, self: g.self, step: step, tag: tag, own: own, kept: kept, segment: mirrorSegment}
	c.machine = &c.mirroring
	if err := g.start(c); err != nil {
		return nil, err
	}
	return &c.pending, nil
}
