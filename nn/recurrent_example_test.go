package nn_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// A stack of recurrent layers reads a sequence in pieces: the states carry what
// it remembers from one piece to the next.
func ExampleStack() {
	params := nn.NewParams()
	rnn, err := nn.NewStack(params, "rnn", "gru", 3, 4, 2, nn.StackOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	input := params.Add("input", nn.ConstantInit(0.5), 1, 3)
	params.Allocate()
	params.Initialize(1)

	pool := tensor.NewPool(1)
	defer pool.Close()
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 1}
	states := nn.NewStates(shape.Lanes, shape.Rows)
	tape := nn.NewTape(params, pool, shape, nn.Inference, 0)
	x := &constant{value: input, y: tape.Node(shape.Layout(), 3)}
	tape.Record(x, nn.Use{Name: "input", Outputs: []*nn.Node{x.y}})
	y := rnn.Forward(tape, x.y, states)
	tape.Keep(y)
	tape.Plan()

	var first, second float32
	tape.Forward()
	first = y.Value().Data[0]
	states.Commit()
	tape.Forward()
	second = y.Value().Data[0]

	for _, st := range states.List {
		fmt.Println(st.Name, st.Width)
	}
	fmt.Println(y.Rows, y.Cols, "the same twice:", first == second)
	// Output:
	// rnn.h_l0 4
	// rnn.h_l1 4
	// 1 4 the same twice: false
}

// constant is an operation that yields a parameter.
type constant struct {
	value *nn.Param
	y     *nn.Node
}

func (c *constant) Forward()  { copy(c.y.Value().Data, c.value.Value().Data) }
func (c *constant) Backward() {}
