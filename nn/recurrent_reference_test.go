package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// reference is a file of testdata/cells, computed by PyTorch in float64.
type reference struct {
	Cell       string
	WeightNorm bool `json:"weight_norm"`
	In, Hidden int
	Layers     int
	Steps      int
	Rows       int
	Params     map[string]struct {
		Shape       []int
		Value, Grad []float32
	}
	X         []float32
	XGrad     []float32 `json:"x_grad"`
	Y         []float32
	YGrad     []float32 `json:"y_grad"`
	State     map[string][]float32
	NextState map[string][]float32 `json:"next_state"`
}

func readReference(t *testing.T, path string) reference {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ref reference
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	return ref
}

// Values and gradients of the cells are PyTorch's.
func TestCellsAgainstPyTorch(t *testing.T) {
	paths, err := filepath.Glob("testdata/cells/*.json")
	if err != nil || len(paths) != 8 {
		t.Fatalf("%d reference files, want 8 (%v)", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			for _, lanes := range []int{1, 2} {
				compareToReference(t, readReference(t, path), lanes)
			}
		})
	}
}

func compareToReference(t *testing.T, ref reference, lanes int) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: ref.Steps, Lanes: lanes, Rows: ref.Rows / lanes}
	ps, states := NewParams(), NewStates(shape.Lanes, shape.Rows)
	x := newSource(ps, "x", shape, ref.In)
	k := kind{cell: ref.Cell, layers: ref.Layers, opt: StackOptions{WeightNorm: ref.WeightNorm}}
	s := k.build(t, ps, ref.In, ref.Hidden)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	copy(x.p.Value().Data, ref.X)
	if len(ps.List) != len(ref.Params)+1 {
		t.Fatalf("%d parameters, PyTorch has %d", len(ps.List)-1, len(ref.Params))
	}
	for name, p := range ref.Params {
		own := ps.Get("rnn." + name)
		if own == nil || !slices.Equal(own.Shape, p.Shape) {
			t.Fatalf("parameter %s %v is missing or of another shape", name, p.Shape)
		}
		copy(own.Value().Data, p.Value)
	}
	ps.Changed()

	tape := NewTape(ps, pool, shape, Training, 0)
	y := s.Forward(tape, x.Forward(tape), states)
	newSeed(tape, y, ref.YGrad)
	tape.Keep(y)
	tape.Plan()
	if len(states.List) != len(ref.State) {
		t.Fatalf("%d states, want %d", len(states.List), len(ref.State))
	}
	for name, v := range ref.State {
		copy(states.Add("rnn."+name, ref.Hidden).Current, v)
	}
	tape.Begin(0, 0, 0)
	tape.Forward()
	near(t, "y", y.Value().Data, ref.Y)
	for name, v := range ref.NextState {
		near(t, name, states.Add("rnn."+name, ref.Hidden).Next, v)
	}
	tape.Backward(nil)
	near(t, "gradient of x", laneSum(ps, x.p), ref.XGrad)
	for name, p := range ref.Params {
		near(t, "gradient of "+name, laneSum(ps, ps.Get("rnn."+name)), p.Grad)
	}
}

// laneSum adds up a parameter's gradients.
func laneSum(ps *Params, p *Param) []float32 {
	sum := make([]float32, p.Size())
	for l := range ps.Lanes {
		tensor.Add(sum, sum, p.Grad(l).Data)
	}
	return sum
}

// near fails the test when got is off by more than 10⁻⁵ of want's largest.
func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	off, err := deviation(got, want)
	if err != nil || !(off <= 1e-5) {
		t.Errorf("%s is off by %.2g of the largest value (%v)", what, off, err)
	}
	t.Logf("%s: %.1e", what, off)
}

// deviation is the largest difference relative to the largest wanted value.
func deviation(got, want []float32) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	worst, largest := 0.0, 0.0
	for i := range want {
		worst = math.Max(worst, math.Abs(float64(got[i])-float64(want[i])))
		largest = math.Max(largest, math.Abs(float64(want[i])))
	}
	return worst / largest, nil
}
