package nn_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// A classifier of texts of different lengths: a bidirectional GRU reads each row
// to its own end, and what either direction knows there decides.
func ExampleStack_ForwardPacked() {
	params := nn.NewParams()
	words := nn.NewEmbedding(params, "words", 10, 4).WithPadding(0)
	rnn, err := nn.NewStack(params, "rnn", "gru", 4, 3, 1, nn.StackOptions{Bidirectional: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	head := nn.NewLinear(params, "head", rnn.Width, 2, true)
	params.Allocate()
	params.Initialize(1)

	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := nn.NewTape(params, pool, nn.Shape{Steps: 4, Lanes: 1, Rows: 2}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	text, lengths := batch.Tokens("text", 10), batch.Lengths("text", tape.Shape.Steps)
	y := rnn.ForwardPacked(tape, words.Forward(tape, text), lengths, nil)
	logits := head.Forward(tape, tape.Ends("ends", y, lengths))
	tape.Keep(y)
	tape.Keep(logits)
	tape.Plan()

	copy(text.Input, []int32{3, 5, 1, 5, 0, 8, 0, 2}) // step by step: rows 3 1 and 5 5 8 2
	copy(lengths.Of, []int32{2, 4})
	tape.Forward()

	fmt.Println(logits)
	fmt.Println("row 0 at step 2:", y.Value().Row(2*2))
	// Output:
	// 2 columns for 1 step of 1 lane of 2 rows
	// row 0 at step 2: [0 0 0 0 0 0]
}
