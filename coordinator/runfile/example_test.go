package runfile_test

import (
	"fmt"
	"log"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

const text = `
data:
  train: shards/train
model:
  cell: mlstm
batch:
  lanes: 4
`

// A run file says what is not as usual; --set changes it for once.
func ExampleParse() {
	f, err := runfile.Parse("examples/tiny.yaml", []byte(text), []string{"steps=50"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Name, f.Model.Text(), f.Batch.Lanes, f.Steps, f.Checkpoint.Dir)
	_, err = runfile.Parse("examples/tiny.yaml", []byte(text), []string{"batch.global=70"})
	fmt.Println(err)
	// Output:
	// tiny charlm mlstm 4 50 runs/tiny
	// examples/tiny.yaml:7: batch.lanes: found 4, want a divisor of batch.global = 70: 1, 2, 5, 7, 10, 14, 35, 70
}

// What two runs differ in.
func ExampleDiff() {
	a, _ := runfile.Parse("a.yaml", []byte(text), nil)
	b, _ := runfile.Parse("a.yaml", []byte(text), []string{"model.hidden=512", "name=b"})
	fmt.Println(runfile.Diff(a.Bits(), b.Bits()))
	// Output: [model.hidden: 256 and 512]
}
