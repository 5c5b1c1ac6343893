package nn

// What a tape that looks inside a network tells of sequences: what recurrent layers remember, in which order time runs
// in an activation, and how much of it a row has.

// memory is what a recurrent layer keeps beside its output.
type memory struct {
	Recorded
	x *Node // what the layer reads
}

// remembers notes a buffer [T*N, H] that a layer's Forward writes and its Backward reads.
func (t *Tape) remembers(name string, x *Node, cols int, held *Buffer) {
	if t.inner == nil {
		return
	}
	n := &Node{Rows: x.Rows, Cols: cols, Layout: x.Layout, value: held, tape: t, producer: notYet}
	t.inner.memories = append(t.inner.memories, memory{Recorded{name, n}, x})
}

// Memories returns what the recurrent layers of a tape that looks inside remember beside what they put out, the cells of
// LSTMs: "rnn.l0.c". Their values hold between Forward and Backward, and they have no gradients.
func (t *Tape) Memories() (all []Recorded) {
	if t.inner == nil {
		return nil
	}
	for _, m := range t.inner.memories {
		all = append(all, m.Recorded)
	}
	return all
}

// FromEnd says whether the time steps of n run from each row's end to its beginning, as those do that the second direction
// of a bidirectional layer reads and yields.
func (t *Tape) FromEnd(n *Node) (turned bool) {
	if t.inner != nil {
		for _, m := range t.inner.memories {
			if m.Node == n {
				n = m.x
			}
		}
	}
	for n.producer >= 0 {
		if _, turns := t.ops[n.producer].(*reverse); turns {
			turned = !turned
		}
		inputs := t.uses[n.producer].Inputs
		if len(inputs) == 0 {
			break
		}
		n = inputs[0] // of two directions that are joined the one that reads forward
	}
	return turned
}

// Heard returns the first spectrogram that the network makes of a waveform, and its activation; nil where it makes none.
func (t *Tape) Heard() (m *MelSpectrogram, frames *Node) {
	for _, op := range t.ops {
		if mel, is := op.(*melOp); is {
			return mel.MelSpectrogram, mel.y
		}
	}
	return nil, nil
}

// LengthsOf returns how many steps each row has of an activation of so many: the lengths of a part of the batch, or what
// layers have made of them; nil where nothing says, and a row has all. They are found by that number of steps alone: of several
// the last that a layer has made, or else that of the last part. They hold after Forward.
func (b *Batch) LengthsOf(steps int) (found *Lengths) {
	for _, p := range b.parts {
		if k, is := p.Holds.(*Lengths); is && k.Steps == steps {
			found = k
		}
	}
	for _, op := range b.tape.ops {
		if m, is := op.(*mapLengths); is && m.to.Steps == steps {
			found = m.to
		}
	}
	return found
}
