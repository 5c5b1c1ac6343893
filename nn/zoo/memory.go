package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// Memory is what a model needs, in bytes. An optimizer's state comes on top:
// the size of the weights for each of its parts.
type Memory struct {
	Weights     int64
	Packed      int64 // weights in the layout of the kernels: counted twice, packed or not, but for what is packed by turns
	Evaluation  int64 // and more of them while it is evaluated in between, which Total leaves out
	Gradients   int64 // one set for every lane, and their sum; that of one lane is the sum
	Activations int64 // the tape, after buffers were laid over each other
	States      int64 // the current hidden state and the next
	Inputs      int64 // what a batch is filled with: images, targets
}

// Total returns the sum.
func (m Memory) Total() int64 {
	return m.Weights + m.Packed + m.Gradients + m.Activations + m.States + m.Inputs
}

// MemoryOf returns what a worker needs to train the model on the lanes and rows
// of the shape in one pass, with the pool's way to compute convolutions and its
// precision. The parameters need no memory yet. What prepare does is done to the
// tape before the network is recorded.
func MemoryOf(model Model, learns task.Task, pool *tensor.Pool, shape nn.Shape, prepare ...func(*nn.Tape)) Memory {
	states := nn.NewStates(shape.Lanes, shape.Rows)
	tape := nn.NewTape(model.Params(), pool, shape, nn.Training, 0)
	for _, f := range prepare {
		f(tape)
	}
	r := Record(model, learns, tape, states)
	weights := 4 * int64(model.Params().Size())
	learning, inference := tape.Packed()
	gradients := weights
	if shape.Lanes > 1 {
		gradients *= int64(shape.Lanes + 1)
	}
	m := Memory{
		Weights:     weights,
		Packed:      4 * int64(learning),
		Evaluation:  4 * int64(inference),
		Gradients:   gradients,
		Activations: 4 * int64(tape.ExchangeMemory()+tape.Measure()),
	}
	for _, st := range states.List {
		m.States += 2 * 4 * int64(len(st.Current))
	}
	for _, part := range r.Parts() {
		m.Inputs += int64(part.Bytes())
	}
	return m
}
