package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// torchLayer is an entry of a file of testdata/layers: a layer, and what PyTorch
// computes in float64.
type torchLayer struct {
	Kind                  string
	Images, Height, Width int
	Options               options
	Inputs                []struct {
		Height, Width, Channels int
		Value                   []float32
	}
	Weights map[string][]float32
	YGrad   []float32            `json:"y_grad"`
	Results map[string][]float64 // y, the gradients of inputs x0, x1, … and of weights
	Errors  map[string]float64   // the largest of PyTorch's float32
}

// options are numbers and switches by name.
type options map[string]any

func (o options) int(name string) int         { return int(o.float(name)) }
func (o options) float(name string) float64   { v, _ := o[name].(float64); return v }
func (o options) float32(name string) float32 { return float32(o.float(name)) }
func (o options) is(name string) bool         { v, _ := o[name].(bool); return v }

// referenceLayer registers the parameters of a layer called op and returns what
// records it.
type referenceLayer func(ps *Params, ref *torchLayer) func(t *Tape, x []*Node) *Node

// one is a referenceLayer of one input.
func one(f func(ps *Params, ref *torchLayer) func(t *Tape, x *Node) *Node) referenceLayer {
	return func(ps *Params, ref *torchLayer) func(*Tape, []*Node) *Node {
		layer := f(ps, ref)
		return func(t *Tape, x []*Node) *Node { return layer(t, x[0]) }
	}
}

// compareReferences runs all layers of testdata/layers/NAME.json, in one lane and
// in as many as there are images, and wants results as near to float64 as four
// times PyTorch's float32 is, or one rounding of the largest.
func compareReferences(t *testing.T, name string, layers map[string]referenceLayer) {
	t.Helper()
	text, err := os.ReadFile("testdata/layers/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Layers []torchLayer }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range file.Layers {
		ref := &file.Layers[i]
		layer := layers[ref.Kind]
		if layer == nil {
			t.Fatalf("%s.json has a layer %q, which the test does not know", name, ref.Kind)
		}
		seen[ref.Kind] = true
		for _, lanes := range []int{1, ref.Images} {
			t.Run(fmt.Sprintf("%d-%s-%d", i, ref.Kind, lanes), func(t *testing.T) { ref.compare(t, lanes, layer) })
		}
	}
	for kind := range layers {
		if !seen[kind] {
			t.Errorf("%s.json has no layer %q", name, kind)
		}
	}
}

func (ref *torchLayer) compare(t *testing.T, lanes int, layer referenceLayer) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 1, Lanes: lanes, Rows: ref.Images / lanes}
	ps := NewParams()
	var sources []source
	for i, in := range ref.Inputs {
		l := shape.Layout().WithImage(in.Height, in.Width)
		sources = append(sources, newLayoutSource(ps, fmt.Sprintf("x%d", i), shape, l, in.Channels))
	}
	forward := layer(ps, ref)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	ps.Initialize(1)
	for i, s := range sources {
		copy(s.p.Value().Data, ref.Inputs[i].Value)
	}
	for name, values := range ref.Weights {
		p := ps.Get("op." + name)
		if p == nil || p.Size() != len(values) {
			t.Fatalf("no weight op.%s of %d values", name, len(values))
		}
		copy(p.Value().Data, values)
	}
	ps.Changed()
	tape := NewTape(ps, pool, shape, Training, 0)
	var x []*Node
	for _, s := range sources {
		x = append(x, s.Forward(tape))
	}
	y := forward(tape, x)
	newSeed(tape, y, ref.YGrad)
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	ref.near(t, "y", y.Value().Data)
	tape.Backward(nil)
	for i, s := range sources {
		ref.near(t, fmt.Sprintf("x%d", i), laneSum(ps, s.p))
	}
	for name := range ref.Weights {
		ref.near(t, name, laneSum(ps, ps.Get("op."+name)))
	}
}

// near compares a result with its reference.
func (ref *torchLayer) near(t *testing.T, name string, got []float32) {
	t.Helper()
	want := ref.Results[name]
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, want %d", name, len(got), len(want))
	}
	worst, largest := 0.0, 0.0
	for i, v := range want {
		off := math.Abs(float64(got[i]) - v)
		if !(off <= worst) { // NaN too
			worst = off
		}
		largest = max(largest, math.Abs(v))
	}
	if tolerance := 4*ref.Errors[name] + largest/(1<<23); !(worst <= tolerance) {
		t.Errorf("%s is off by %.2g, PyTorch's float32 by %.2g (the largest value is %.2g)", name, worst, ref.Errors[name], largest)
	}
}
