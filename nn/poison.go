package nn

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Poison makes replays fill with NaN all memory whose content an operation must
// not rely on: what no Use keeps, outputs before they are written, gradients that
// are fresh, statistics before they are measured. An operation that does not do
// as its Use says then yields NaN where it would yield other bits. No two buffers
// share memory, and gradients take nobody's place (Use.InPlace). It is for tests:
// such a tape needs more memory and time. It panics after Plan.
func (t *Tape) Poison() {
	if t.planned {
		panic("nn: Poison after Plan")
	}
	t.poisoned = true
}

func spoil(x []float32) { tensor.Fill(x, float32(math.NaN())) }

// apart gives every buffer a place of its own and returns the block's length.
func apart(buffers []*Buffer) int {
	end := 0
	for _, b := range buffers {
		b.offset = end
		end += roundUp(b.size)
	}
	return end
}

// spoilBefore fills the buffers that begin to live at the given time, or have
// ceased to, and the room that operations pack weights into.
func (t *Tape) spoilBefore(time int) {
	spoil(t.params.room.memory)
	for _, b := range t.buffers {
		if b.first == time || b.last == time-1 {
			spoil(b.Data)
		}
	}
}

// spoilMeasured fills what the tape's lanes are to measure.
func (t *Tape) spoilMeasured() {
	for s := range t.measures {
		for l := range t.Shape.Lanes {
			spoil(s.Measured(t.gradLane + l))
		}
	}
}
