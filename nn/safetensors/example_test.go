package safetensors_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Weights on their way to PyTorch and back.
func Example() {
	b := &bytes.Buffer{}
	err := safetensors.Write(b, []safetensors.Tensor{
		{Name: "layer.weight", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
	}, map[string]string{"format": "pt"})
	if err != nil {
		log.Fatal(err)
	}
	f, err := safetensors.New("memory", bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		log.Fatal(err)
	}
	weight := make([]float32, 6)
	if err := f.ReadFloat32("layer.weight", weight); err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Names(), weight)
	// Output: [layer.weight] [1 2 3 4 5 6]
}
