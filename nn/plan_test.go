package nn

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// Buffers that live at the same time never share memory, however lives and
// sizes fall, and each starts on a cache line.
func TestPlaceNeverOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		buffers := make([]*Buffer, rapid.IntRange(0, 40).Draw(t, "buffers"))
		for i := range buffers {
			b := &Buffer{size: rapid.IntRange(1, 200).Draw(t, "size"), last: -1}
			if rapid.IntRange(0, 9).Draw(t, "used") > 0 {
				b.first = rapid.IntRange(0, 20).Draw(t, "first")
				b.last = b.first + rapid.IntRange(0, 20).Draw(t, "life")
			}
			buffers[i] = b
		}
		end := place(buffers)
		for i, a := range buffers {
			if a.last < 0 {
				continue
			}
			if a.offset%align != 0 || a.offset+a.size > end {
				t.Fatalf("buffer %d at %d of %d", i, a.offset, end)
			}
			for j, b := range buffers[:i] {
				alive := b.last >= 0 && a.first <= b.last && b.first <= a.last
				if alive && a.offset < b.offset+b.size && b.offset < a.offset+a.size {
					t.Fatalf("buffers %d and %d overlap: %+v %+v", j, i, *b, *a)
				}
			}
		}
	})
}

// deepModel is a network of text: an embedding, two recurrent layers with dropout between them, a layer that is used
// again and again, and a loss.
func deepModel(tb testing.TB, ps *Params, dropout float32) func(t *Tape, tokens *textBatch, states *States) *Loss {
	e := NewEmbedding(ps, "encoder", 11, 6)
	stack, err := NewStack(ps, "rnn", "lstm", 6, 8, 2, StackOptions{Dropout: dropout})
	if err != nil {
		tb.Fatal(err)
	}
	hidden := NewLinear(ps, "hidden", 8, 8, true)
	out := NewLinear(ps, "decoder", 8, 11, true)
	return func(t *Tape, tokens *textBatch, states *States) *Loss {
		h := stack.Forward(t, e.Forward(t, tokens.Tokens), states)
		for range 3 { // the same weights again and again
			h = t.Tanh("tanh", hidden.Forward(t, h))
		}
		return t.CrossEntropy("loss", out.Forward(t, h), tokens.Targets)
	}
}

// trainOnce records and replays the deep model and returns its loss and
// gradients.
func trainOnce(tb testing.TB) (*Loss, *Tape) {
	shape := Shape{Steps: 4, Lanes: 2, Rows: 3}
	ps := NewParams()
	forward := deepModel(tb, ps, 0.3)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	ps.Initialize(3)
	tape := NewTape(ps, nil, shape, Training, 9)
	tokens := someTokens(tape, shape, 11)
	loss := forward(tape, tokens, NewStates(shape.Lanes, shape.Rows))
	tape.Plan()
	tape.Begin(1, 0, 0)
	tape.Forward()
	tape.Backward(nil)
	return loss, tape
}

func TestArenaIsSmallerThanItsBuffers(t *testing.T) {
	_, tape := trainOnce(t)
	sum := 0
	for _, b := range tape.buffers {
		sum += roundUp(b.size)
	}
	if tape.arena >= sum*3/4 {
		t.Errorf("the arena has %d elements, its buffers %d", tape.arena, sum)
	}
	t.Logf("arena %d, buffers %d", tape.arena, sum)
}

func TestMeasureIsWhatPlanTakes(t *testing.T) {
	_, tape := trainOnce(t)
	again := NewTape(tape.params, nil, tape.Shape, Training, 0)
	ps := NewParams()
	forward := deepModel(t, ps, 0.3)
	again.params = ps
	forward(again, someTokens(again, tape.Shape, 11), NewStates(2, 3))
	if got := again.Measure(); got != tape.arena {
		t.Errorf("Measure says %d, Plan took %d", got, tape.arena)
	}
}

func TestSteadyStepAllocatesNothing(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 4, Lanes: 2, Rows: 8}
	ps := NewParams()
	forward := deepModel(t, ps, 0.3)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	ps.Initialize(3)
	states, tokens := NewStates(shape.Lanes, shape.Rows), newTextBatch(shape, 11)
	tokens.Count = shape.Total()
	tape := NewTape(ps, pool, shape, Training, 9)
	forward(tape, tokens, states)
	tape.Plan()
	adam := optim.NewAdam(optim.Whole(ps.Size()), optim.AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	ready := func(int, int) {}
	step := func() {
		ps.ZeroGrads()
		tape.Begin(1, 0, 0)
		tape.Forward()
		tape.Backward(ready)
		adam.Step(pool, ps.Values, ps.LaneGrads(0), 1e-3, 1)
		ps.Changed()
		states.Commit()
	}
	step()
	if n := allocations(10, step); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}
