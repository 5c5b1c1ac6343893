package zoo_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// A model is built from what a run file says, and a bad value is named.
func ExampleNew() {
	config := zoo.CharLM{Cell: "lstm", Vocab: 256, Hidden: 256, Layers: 1, Embed: 64}
	model, err := zoo.New("charlm", config)
	if err != nil {
		fmt.Println(err)
		return
	}
	memory := zoo.MemoryOf(model, task.Default(task.Next), nil, nn.Shape{Steps: 64, Lanes: 8, Rows: 8})
	fmt.Printf("%d parameters, %d MiB to train\n", model.Params().Size(), memory.Total()>>20)

	config.Layers = 0
	_, err = zoo.New("charlm", config)
	fmt.Println(err)
	// Output:
	// 411904 parameters, 56 MiB to train
	// model.layers: 0 is not allowed; want a whole number from 1 to 64
}
