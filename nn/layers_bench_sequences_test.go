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
		wordsBench("embedding", func(e *Embedding, t *Tape, k *Tokens) *Node { return e.Forward(t, k) }),
		wordsBench("embedding-sum", func(e *Embedding, t *Tape, k *Tokens) *Node { return e.Bag(t, k, nil, BagSum) }),
		wordsBench("embedding-mean", func(e *Embedding, t *Tape, k *Tokens) *Node { return e.Bag(t, k, nil, BagMean) }),
		overTimeBench("mean-over-time", func(t *Tape, x *Node) *Node { return t.MeanOverTime("op", x, nil) }),
		overTimeBench("max-over-time", func(t *Tape, x *Node) *Node { return t.MaxOverTime("op", x, nil) }),
		overTimeBench("reverse-time", func(t *Tape, x *Node) *Node { return t.Reverse("op", x, nil) }),
	}
}

// wordsBench is a row of an embedding of 10,000 words, 128 wide, for 32 rows of 50.
func wordsBench(name string, f func(e *Embedding, t *Tape, k *Tokens) *Node) layerBench {
	const vocab = 10000
	shape := Shape{Steps: 50, Lanes: 4, Rows: 8}
	return layerBench{name + "-50x32x10000x128", shape, func(ps *Params) func(*Tape, *States) *Node {
		e := NewEmbedding(ps, "op", vocab, 128)
		return func(t *Tape, _ *States) *Node {
			k := &Tokens{Input: make([]int32, shape.Total())}
			for i := range k.Input {
				k.Input[i] = int32(Stream{Seed: 1, Use: 107}.Float(uint32(i)) * vocab)
			}
			return f(e, t, k)
		}
	}}
}

// overTimeBench is a row of what makes one step of 50.
func overTimeBench(name string, f func(t *Tape, x *Node) *Node) layerBench {
	b := benchPlain(name+"-50x32x256", 32, 0, 0, 256, f)
	b.shape.Steps = 50
	return b
}
