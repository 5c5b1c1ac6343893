package nn

import "fmt"

// Begins says which rows of a batch begin a new sequence: what recurrent layers carry
// from batch to batch ([Batch.States]) is zero there, whatever the batch before left.
// Other rows go on.
//
// Like [Tokens], it is filled before each replay.
type Begins struct {
	Of []bool // [L*R]
}

// Begins adds the part that says which rows begin. Asked for again, it is the same.
// What it says holds for all layers, those recorded before it too.
func (b *Batch) Begins(name string) *Begins {
	if p, ok := b.Part(name).(*Begins); ok {
		return p
	}
	for _, p := range b.parts {
		if _, ok := p.Holds.(*Begins); ok {
			panic(fmt.Sprintf("nn: the parts %s and %s of a batch both say which rows begin", p.Name, name))
		}
	}
	p := &Begins{Of: make([]bool, b.tape.Shape.Lanes*b.tape.Shape.Rows)}
	b.Add(name, p)
	b.tape.begins = func() { b.States.begin(b.tape, p.Of) }
	return p
}

// begin clears the current states of the tape's rows that begin. Doing it again, as
// when a step is computed anew, changes nothing.
func (s *States) begin(t *Tape, rows []bool) {
	for _, st := range s.List {
		current := st.In(t)
		for i, begins := range rows {
			if begins {
				clear(current.Row(i))
			}
		}
	}
}
