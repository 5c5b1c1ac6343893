package look_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// What do units of LeNet-5 look at?
func Example() {
	net, err := zoo.New("lenet5", zoo.Classifier{Classes: 10, Image: 28, Channels: 1})
	if err != nil {
		panic(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(1)
	pool := tensor.NewPool(1)
	defer pool.Close()
	lens, err := look.New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Deconvolution, "conv1", "pool2")
	if err != nil {
		panic(err)
	}
	lens.Forward() // of a black picture: the batch is not filled
	for i, layer := range lens.Layers() {
		field, _ := lens.Window(i, 2, 2)
		maps := lens.Maps(i, 0)
		fmt.Printf("%s: %d maps of %dx%d, each value of %dx%d pixels\n", layer.Name, maps.Channels, maps.Height, maps.Width, field.Height(), field.Width())
	}
	// Output:
	// conv1: 6 maps of 28x28, each value of 5x5 pixels
	// pool2: 16 maps of 5x5, each value of 16x16 pixels
}
