package checkpoint_test

import (
	"fmt"
	"log"
	"os"

	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// A checkpoint from the first file to the tensors of a run that goes on.
func Example() {
	dir, err := os.MkdirTemp("", "rondo")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	fs := checkpoint.OS{}
	weights, err := checkpoint.WriteFile(fs, dir, 1200, checkpoint.FileContent{
		Name:    checkpoint.FileName(checkpoint.Weights),
		Tensors: []safetensors.Tensor{{Name: "layer.bias", Shape: []int{3}, Data: []float32{1, 2, 3}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := checkpoint.VerifyFile(fs, dir, 1200, weights); err != nil {
		log.Fatal(err)
	}
	err = checkpoint.Commit(fs, dir, &checkpoint.Manifest{
		Run: "example", Step: 1200, Bits: map[string]string{"model.hidden": "3"}, Files: []checkpoint.FileInfo{weights},
	})
	if err != nil {
		log.Fatal(err)
	}

	newest, _, err := checkpoint.Newest(fs, dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(newest.Check(map[string]string{"model.hidden": "4"}, ""))
	snapshot, err := checkpoint.Load(fs, dir, newest)
	if err != nil {
		log.Fatal(err)
	}
	bias := make([]float32, 3)
	if err := snapshot.Float32(checkpoint.Weights, "layer.bias", []int{3}, bias); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bias, newest.Digest)
	// Output:
	// checkpoint: step-000001200 of run "example" and the run file differ in model.hidden: 3 and 4; give the run file and data the checkpoint was made with, or give another checkpoint.dir
	// [1 2 3] 94f2c99fab6338ac99d979d58310db9a5c47bd35f1dcddabfc2238181f6d5df7
}
