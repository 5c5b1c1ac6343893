package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// A row that begins has the outputs of one that nothing came before, and all others go on: each row against a loop over its
// own batches alone, in which states are new wherever a sequence begins. Lanes are computed by tapes of one of them.
func TestBegins(t *testing.T) {
	const in, hidden, lanes, rows, steps, batches = 3, 9, 2, 2, 2, 4
	begins := [batches][lanes * rows]bool{{true, false, false, false}, {false, true, false, false}, {false, false, true, true}, {false, true, false, true}}
	pool := tensor.NewPool(1)
	defer pool.Close()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			ps := NewParams()
			s := k.build(t, ps, in, hidden)
			ps.Allocate()
			ps.Initialize(1)
			inputs := make([]float32, batches*lanes*steps*rows*in) // [batch, lane, step, row, in]
			quantized(inputs, Stream{Seed: 2})
			states := NewStates(lanes, rows)
			tape := NewTape(ps, pool, Shape{Steps: steps, Lanes: 1, Rows: rows}, Inference, 0)
			x, batch := newFeed(tape, in), tape.NewBatch(states)
			y := s.Forward(tape, x.y, states)
			which := batch.Begins("begins") // of layers before it, too
			tape.Keep(y)
			tape.Plan()

			alone := make([]*States, lanes*rows)
			one := func(row int) (*Tape, *feed, *Node) {
				tape := NewTape(ps, pool, Shape{Steps: steps, Lanes: 1, Rows: 1}, Inference, 0)
				x := newFeed(tape, in)
				y := s.Forward(tape, x.y, alone[row])
				tape.Keep(y)
				tape.Plan()
				return tape, x, y
			}
			for b := range batches {
				for lane := range lanes {
					x.data = inputs[(b*lanes+lane)*steps*rows*in:][:steps*rows*in]
					copy(which.Of, begins[b][lane*rows:])
					tape.Begin(uint64(b), lane, lane)
					for range 2 { // a step may be computed again
						tape.Forward()
					}
					for row := range rows {
						at := lane*rows + row
						if b == 0 || begins[b][at] {
							alone[at] = NewStates(1, 1)
						}
						own, feed, out := one(at)
						for step := range steps {
							copy(feed.data[step*in:(step+1)*in], x.data[(step*rows+row)*in:])
						}
						own.Begin(uint64(b), 0, 0)
						own.Forward()
						alone[at].Commit()
						for step := range steps {
							if err := sameBits(y.Value().Row(step*rows+row), out.Value().Row(step)); err != nil {
								t.Fatalf("batch %d, row %d of lane %d, step %d: %v", b, row, lane, step, err)
							}
						}
					}
				}
				states.Commit()
			}
		})
	}
}

func TestBeginsTwice(t *testing.T) {
	tape := NewTape(NewParams(), nil, Shape{Steps: 1, Lanes: 1, Rows: 2}, Inference, 0)
	b := tape.NewBatch(nil)
	if first := b.Begins("begins"); first != b.Begins("begins") {
		t.Error("asked for again, it is another")
	}
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "begins and starts") {
			t.Errorf("it says %q", text)
		}
	}()
	b.Begins("starts")
}
