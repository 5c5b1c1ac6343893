package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Batch is one batch on a tape: the parts that the network reads and is to meet,
// each by the name that it has in the data, and what is carried from one batch to
// the next. A model asks for the parts that it reads while it is recorded:
//
//	x := b.Images("image", 28, 28, 1)
//
// and whoever replays the tape fills them (see [Batch.Parts]) before each Forward.
// What the data must hold under that name:
//
//	Images   uint8 [height, width, channels]
//	Vectors  float32 [cols]; sounds of int16 or float32 [length], to cols numbers
//	Values   float32 [length, cols], a row to each time step
//	Tokens   text, or int32 [length], a symbol to each time step
//	Lengths  how long one of these is
//	Begins   uint8 []: not 0 where a row begins a new sequence
type Batch struct {
	// States are the hidden states that recurrent layers carry on.
	States *States

	// OutputLengths says how many time steps each row of the network's output has,
	// where a model sets it: else all of them.
	OutputLengths *Lengths

	tape      *Tape
	parts     []Part
	auxiliary []Auxiliary
}

// Part is one part of a batch, to be filled: *[Images], *[Values], *[Tokens],
// *[Lengths] or *[Begins] to read, *[Targets], *[TargetValues] or *[Transcripts] to meet.
type Part struct {
	Name  string // as in the data: "image"
	Holds any
}

// Bytes is the memory of what the part holds; 0 of a kind of one's own.
func (p Part) Bytes() int {
	switch k := p.Holds.(type) {
	case *Images:
		return 4 * len(k.Pixels)
	case *Values:
		return 4 * len(k.Data)
	case *Tokens:
		return 4 * len(k.Input)
	case *Lengths:
		return 4 * len(k.Of)
	case *Begins:
		return len(k.Of)
	case *Targets:
		return 4 * (len(k.Target) + len(k.Other) + len(k.Share))
	case *TargetValues:
		return 4*len(k.Value) + len(k.Absent)
	case *Transcripts:
		return 4 * (len(k.Symbol) + len(k.Length))
	}
	return 0
}

// Auxiliary is an output beside the network's own that learns the same, as the
// side heads of GoogLeNet do.
type Auxiliary struct {
	Name   string
	Out    *Node
	Weight float32 // of its loss
}

// NewBatch returns an empty batch. states may be nil where no layer carries any.
func (t *Tape) NewBatch(states *States) *Batch {
	if states == nil {
		states = NewStates(t.Shape.Lanes, t.Shape.Rows)
	}
	return &Batch{States: states, tape: t}
}

// Tape returns the tape that the batch is on.
func (b *Batch) Tape() *Tape { return b.tape }

// Parts returns the parts that were asked for, in that order.
func (b *Batch) Parts() []Part { return b.parts }

// Part returns what holds the part of that name, or nil.
func (b *Batch) Part(name string) any {
	for _, p := range b.parts {
		if p.Name == name {
			return p.Holds
		}
	}
	return nil
}

// Add adds a part that holder, one of those of [Part], holds: the targets of a task
// of one's own. It panics when the name is taken.
func (b *Batch) Add(name string, holder any) {
	if name == "" {
		panic("nn: a part of a batch has no name")
	}
	if had := b.Part(name); had != nil {
		panic(fmt.Sprintf("nn: the part %s of a batch is asked for as a %T, and before as a %T or in another shape", name, holder, had))
	}
	b.parts = append(b.parts, Part{name, holder})
}

// Auxiliary adds an output that learns the same as the network's own while
// training, its loss counting weight times. For inference it does nothing.
func (b *Batch) Auxiliary(name string, out *Node, weight float32) {
	if b.tape.learns() {
		b.auxiliary = append(b.auxiliary, Auxiliary{name, out, weight})
	}
}

// Auxiliaries returns the outputs that were added beside the network's own.
func (b *Batch) Auxiliaries() []Auxiliary { return b.auxiliary }

// Images adds a part of images, one to each row, and returns its activation
// [T*L*R*height*width, channels]. Asked for again, the part is the same.
func (b *Batch) Images(name string, height, width, channels int) *Node {
	if p, ok := b.Part(name).(*Images); ok && p.Height == height && p.Width == width && p.Channels == channels {
		return b.tape.Images(p)
	}
	p := NewImages(b.tape.Shape, height, width, channels)
	b.Add(name, p)
	return b.tape.Images(p)
}

// Tokens adds a part of symbols below vocab, one to each row and time step.
// Asked for again, the part is the same.
func (b *Batch) Tokens(name string, vocab int) *Tokens {
	if p, ok := b.Part(name).(*Tokens); ok && p.Vocab == vocab {
		return p
	}
	p := NewTokens(b.tape.Shape, vocab)
	b.Add(name, p)
	return p
}

// Values adds a part of cols numbers to each row and time step, and returns its
// activation [T*L*R, cols]. Asked for again, the part is the same.
func (b *Batch) Values(name string, cols int) *Node {
	return b.values(name, b.tape.Shape.Layout(), cols)
}

// Vectors adds a part of cols numbers to each row, whatever its time steps, and
// returns its activation [L*R, cols].
func (b *Batch) Vectors(name string, cols int) *Node {
	return b.values(name, b.tape.Shape.Once(), cols)
}

// Lengths adds the part that says how much of another part each row has: up to
// most time steps of a sequence, or samples of a waveform. It is called
// part.length. Asked for again, it is the same.
func (b *Batch) Lengths(part string, most int) *Lengths {
	name := part + LengthSuffix
	if p, ok := b.Part(name).(*Lengths); ok && p.Steps == most {
		return p
	}
	p := newLengths(most, b.tape.Shape.Lanes, b.tape.Shape.Rows)
	b.Add(name, p)
	return p
}

// LengthSuffix makes the name of a part that of its lengths.
const LengthSuffix = ".length"

func (b *Batch) values(name string, l Layout, cols int) *Node {
	if p, ok := b.Part(name).(*Values); ok && p.Layout == l && p.Cols == cols {
		return b.tape.Values(p)
	}
	p := NewValues(l, cols)
	b.Add(name, p)
	return b.tape.Values(p)
}

// Values are numbers from outside, so many to each row of a layout.
type Values struct {
	Layout Layout
	Cols   int
	Data   []float32 // [Layout.Total(), Cols]
}

// NewValues returns room for the values of one batch.
func NewValues(l Layout, cols int) *Values {
	if cols < 1 {
		panic(fmt.Sprintf("nn: %d values to a row", cols))
	}
	return &Values{Layout: l, Cols: cols, Data: make([]float32, l.Total()*cols)}
}

// Values returns the activation that is the values. It is not copied, and has no
// gradient.
func (t *Tape) Values(v *Values) *Node {
	if v.Layout.Lanes != t.Shape.Lanes || len(v.Data) != v.Layout.Total()*v.Cols {
		panic(fmt.Sprintf("nn: %d values are not %d for each of %v", len(v.Data), v.Cols, v.Layout))
	}
	return t.given(v.Layout, v.Cols, v.Data)
}

// Matrix is the values as a matrix.
func (v *Values) Matrix() tensor.Matrix { return tensor.Of(v.Data, v.Layout.Total(), v.Cols) }

// Once is the layout of what each row of the batch has once, whatever its time
// steps: the class of a sequence.
func (s Shape) Once() Layout { return Layout{Steps: 1, Lanes: s.Lanes, Rows: s.Rows} }
