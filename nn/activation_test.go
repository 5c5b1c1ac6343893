package nn

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Values and gradients of activations are PyTorch's.
func TestActivationsAgainstPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/activations/activations.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		X, Y  []float32
		YGrad []float32 `json:"y_grad"`
		XGrad []float32 `json:"x_grad"`
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	record := map[string]func(*Tape, string, *Node) *Node{
		"gelu": (*Tape).GELU, "silu": (*Tape).SiLU, "softmax": (*Tape).Softmax, "tanh": (*Tape).Tanh, "sigmoid": (*Tape).Sigmoid,
	}
	if len(all) != len(record) {
		t.Fatalf("%d activations in the file, want %d", len(all), len(record))
	}
	pool := tensor.NewPool(2)
	defer pool.Close()
	for name, ref := range all {
		t.Run(name, func(t *testing.T) {
			shape := Shape{Steps: 1, Lanes: 1, Rows: 3}
			ps := NewParams()
			x := newSource(ps, "x", shape, len(ref.X)/shape.Rows)
			ps.Allocate()
			ps.AllocateGrads(1)
			copy(x.p.Value().Data, ref.X)
			tape := NewTape(ps, pool, shape, Training, 0)
			y := record[name](tape, name, x.Forward(tape))
			newSeed(tape, y, ref.YGrad)
			tape.Keep(y)
			tape.Plan()
			tape.Forward()
			near(t, "y", y.Value().Data, ref.Y)
			tape.Backward(nil)
			near(t, "gradient of x", x.p.Grad(0).Data, ref.XGrad)
		})
	}
}
