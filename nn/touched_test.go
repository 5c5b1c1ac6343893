package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// readers are the ways in which a network may read a table of 12 rows.
func readers(e *Embedding) map[string]func(t *Tape, k *Tokens) *Node {
	return map[string]func(t *Tape, k *Tokens) *Node{
		"rows": e.Forward,
		"bags": func(t *Tape, k *Tokens) *Node { return e.Bag(t, k, nil, BagMean) },
		"rows and bags": func(t *Tape, k *Tokens) *Node {
			return t.Add("sum", t.MeanOverTime("mean", e.Forward(t, k), nil), e.Bag(t, k, nil, BagSum))
		},
		"rows and all": func(t *Tape, k *Tokens) *Node {
			y := e.Forward(t, k)
			w := t.Param(e.Weight)
			op := &readsAll{x: y, y: t.like(y), w: w}
			t.Record(op, Use{Name: "all", Inputs: []*Node{y}, Outputs: []*Node{op.y}, Weights: []*Weight{w}, Sets: true})
			return op.y
		},
	}
}

// readsAll is y = x, with a gradient of all of w: as that of a decoder that is the encoder.
type readsAll struct {
	x, y *Node
	w    *Weight
}

func (o *readsAll) Forward() { copy(o.y.Value().Data, o.x.Value().Data) }

func (o *readsAll) Backward() {
	o.w.takeCleared()
	for l := range o.y.Layout.Lanes {
		tensor.Axpy(o.w.Grad(l).Data, 1, o.w.Value().Data)
	}
	dx, fresh := o.x.TakeGrad()
	put(dx.Data, o.y.Grad().Data, fresh)
}

// tableRig is an embedding of 12 rows, read by two tapes of some lanes each.
type tableRig struct {
	ps     *Params
	table  *Embedding
	tapes  []*Tape
	tokens []*Tokens
}

var tableShape = Shape{Steps: 8, Lanes: 3, Rows: 1}

func newTableRig(reader string) *tableRig {
	ps := NewParams()
	r := &tableRig{ps: ps, table: NewEmbedding(ps, "table", 12, 2).WithPadding(0)}
	other := NewPReLU(ps, "other", 2)
	ps.Allocate()
	ps.AllocateGrads(tableShape.Lanes)
	ps.Initialize(1)
	for _, lanes := range []int{1, 2} {
		shape := tableShape
		shape.Lanes = lanes
		tape, k := NewTape(ps, nil, shape, Training, 0), &Tokens{Input: make([]int32, shape.Total())}
		y := other.Forward(tape, readers(r.table)[reader](tape, k))
		newSeed(tape, y, slices.Repeat([]float32{0.5}, y.Rows*y.Cols))
		tape.Plan()
		r.tapes, r.tokens = append(r.tapes, tape), append(r.tokens, k)
	}
	return r
}

// step replays both tapes for tokens of its own: of a few rows and much padding, or in step 3 of more than half of the rows.
func (r *tableRig) step(step int) {
	lane := 0
	for n, tape := range r.tapes {
		for i := range r.tokens[n].Input {
			token := int32(0)
			if time := i / tape.Shape.Lanes; step == 3 || time%4 == 0 {
				token = 1 + (int32(5*step)+int32(4*Stream{Seed: 3, Lane: uint32(lane)}.Float(uint32(100*step+i))))%11
			}
			r.tokens[n].Input[i] = token
		}
		tape.Begin(uint64(step), lane, lane)
		tape.Forward()
		tape.Backward(nil)
		lane += tape.Shape.Lanes
	}
}

// Gradients of tables do not depend on what was in their memory, whether all of it is cleared or those rows that a step before
// has touched, and whoever writes to it in between.
func TestTouchedRows(t *testing.T) {
	nan := float32(math.NaN())
	for reader := range readers(nil) {
		for name, between := range map[string]func(r *tableRig, step int){
			"read":         func(r *tableRig, _ int) { r.ps.ReadGrads(1) },
			"all written":  func(r *tableRig, _ int) { tensor.Fill(r.ps.LaneGrads(1), nan) },
			"the table's":  func(r *tableRig, _ int) { tensor.Fill(r.table.Weight.Grad(2).Data, nan) },
			"cleared":      func(r *tableRig, _ int) { r.ps.ZeroGrads() },
			"new":          func(r *tableRig, _ int) { r.ps.AllocateGrads(tableShape.Lanes); tensor.Fill(r.ps.Grads, nan) },
			"now and then": func(r *tableRig, step int) { tensor.Fill(r.ps.LaneGrads(0), nan); r.step(step + 10) },
		} {
			t.Run(fmt.Sprintf("%s, %s", reader, name), func(t *testing.T) {
				got, want := newTableRig(reader), newTableRig(reader)
				for step := range 6 {
					got.step(step)
					for l := range tableShape.Lanes {
						tensor.Fill(want.ps.LaneGrads(l), nan)
					}
					want.step(step)
					if err := sameBits(got.ps.Grads, want.ps.Grads); err != nil {
						t.Fatalf("step %d: %v", step, err)
					}
					between(got, step)
				}
			})
		}
	}
}

// What nobody has touched is not cleared again.
func TestUntouchedRowsAreLeftAlone(t *testing.T) {
	for reader, wants := range map[string]bool{"rows": true, "bags": true, "rows and bags": true, "rows and all": false} {
		r := newTableRig(reader)
		r.step(0)
		row := r.table.Weight.grad(1).Row(11) // behind the back of whoever notes
		row[0] = 7
		r.step(0)
		if left := row[0] == 7; left != wants {
			t.Errorf("%s: the gradient of a row that no step reads is left alone: %v, want %v", reader, left, wants)
		}
	}
}

// A steady step allocates nothing for what it notes.
func TestTouchedAllocations(t *testing.T) {
	r := newTableRig("rows and bags")
	for step := range 6 {
		r.step(step)
	}
	if n := allocations(5, func() { r.step(1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
