package nn

import "fmt"

// sequenceBenches are recurrent layers and what surrounds them, over 50 steps of
// 32 rows. Packed rows have 10 to 50 steps, in no order.
func sequenceBenches() []layerBench {
	const steps, rows, in, hidden = 50, 32, 64, 128
	stack := func(name, cell string, packed bool, opt StackOptions) layerBench {
		b := benchOf(fmt.Sprintf("%s-%dx%dx%dx%d", name, steps, rows, in, hidden), rows, 0, 0, in, func(ps *Params) func(*Tape, *Node) *Node {
			s, err := NewStack(ps, "op", cell, in, hidden, 1, opt)
			if err != nil {
				panic(err)
			}
			return func(t *Tape, x *Node) *Node {
				var lengths *Lengths
				if packed {
					lengths = NewLengths(t.Shape)
					for i := range lengths.Of {
						lengths.Of[i] = int32(10 + 41*((i*13)%32)/32)
					}
				}
				return s.ForwardPacked(t, x, lengths, nil)
			}
		})
		b.shape.Steps = steps
		return b
	}
	both := StackOptions{Bidirectional: true}
	return []layerBench{
		stack("rnn", "rnn", false, StackOptions{}),
		stack("gru", "gru", false, StackOptions{}),
		stack("lstm", "lstm", false, StackOptions{}),
		stack("bigru", "gru", false, both),
		stack("bilstm", "lstm", false, both),
		stack("packed-birnn", "rnn", true, both),
		stack("packed-bigru", "gru", true, both),
		stack("packed-bilstm", "lstm", true, both),
	}
}
