package check

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// trail is what a way to compute a network leaves behind: a mark of every value
// that the way must not show in, in the order in which the values are formed.
type trail struct {
	events []event
}

// event is a value at a step.
type event struct {
	step  int
	what  string
	marks []mark // by lane; one where lanes share the value
	whole bool   // lanes share it
}

// theLoss names the one value that is a number.
const theLoss = "the loss"

// mark stands for many float32 values.
type mark struct {
	hash uint64  // of their bits
	norm float64 // for people
}

// of adds values to the mark.
func (m mark) of(values []float32) mark {
	square := m.norm * m.norm
	for _, v := range values {
		m.hash = (m.hash ^ uint64(math.Float32bits(v))) * 0x9e3779b97f4a7c15
		m.hash ^= m.hash >> 29
		square += float64(v) * float64(v)
	}
	m.norm = math.Sqrt(square)
	return m
}

// ofBlocks is the mark of a lane's rows.
func ofBlocks(b tensor.Blocks) mark {
	var m mark
	for i := range b.Count {
		for r := range b.Rows {
			m = m.of(b.M.Row(b.First + i*b.Step + r))
		}
	}
	return m
}

// put notes the mark of a lane, or of all as lane 0 where whole, as event at of
// the trail. It returns an error when another value was noted there.
func (t *trail) put(at, step, lane, lanes int, what string, m mark, whole bool) error {
	if at == len(t.events) {
		e := event{step: step, what: what, marks: make([]mark, lanes), whole: whole}
		t.events = append(t.events, e)
	}
	e := &t.events[at]
	if e.what != what || e.step != step {
		return fmt.Errorf("step %d: lane %d computes %s where other lanes compute %s; every tape must record the same operations", step, lane, what, e.what)
	}
	e.marks[lane] = m
	return nil
}

// difference is the first value that two trails differ in, or nil.
type difference struct {
	step, lane int // lane is -1 where lanes share the value
	what       string
	norms      [2]float64
}

func (t *trail) against(other *trail) *difference {
	for i, e := range t.events {
		if i >= len(other.events) || other.events[i].what != e.what {
			return &difference{step: e.step, lane: -1, what: e.what + " (or the order of operations)"}
		}
		for lane, m := range e.marks {
			if o := other.events[i].marks[lane]; o.hash != m.hash {
				d := &difference{step: e.step, lane: lane, what: e.what, norms: [2]float64{m.norm, o.norm}}
				if e.whole {
					d.lane = -1
				}
				return d
			}
		}
	}
	return nil
}

// text tells the difference between two ways.
func (d *difference) text(ways [2]string) string {
	where := fmt.Sprintf("step %d, lane %d", d.step, d.lane)
	if d.lane < 0 {
		where = fmt.Sprintf("step %d", d.step)
	}
	if d.norms[0] == d.norms[1] {
		return fmt.Sprintf("%s: %s has other bits %s than %s", where, d.what, ways[1], ways[0])
	}
	what := d.what
	if what != theLoss {
		what = "the norm of " + what
	}
	return fmt.Sprintf("%s: %s is %.9g %s, and %.9g %s", where, what, d.norms[0], ways[0], d.norms[1], ways[1])
}
