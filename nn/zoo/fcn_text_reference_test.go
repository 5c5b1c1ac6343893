package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// fcnTextReference is testdata/reference/fcn_text.json, which make_fcn_text.py
// writes: a step of the kinds fcn and text-classifier in PyTorch.
type fcnTextReference struct {
	Lanes int
	Cases []fcnTextCase
}

type fcnTextCase struct {
	Kind        string
	Config      map[string]any
	Rows, Steps int
	Loss        float64
	Tensors     map[string]struct {
		Shape []int
		Type  safetensors.DType
	}
	Values        map[string][]float64 // the first ones of each
	Norms, Errors map[string]float64
}

// config is the case's, in the fields of its kind.
func (c *fcnTextCase) config(t *testing.T, info Info) any {
	config := info.Config()
	for name, value := range c.Config {
		if f := info.Field(name); f == nil || !fields.Set(f.At(config), fmt.Sprint(value)) {
			t.Fatalf("%s has no field %s that is %v", c.Kind, name, value)
		}
	}
	return config
}

func TestFCNAndTextClassifierAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/reference/fcn_text.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref fcnTextReference
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&ref); err != nil || len(ref.Cases) != 6 {
		t.Fatal(len(ref.Cases), err)
	}
	for _, c := range ref.Cases {
		t.Run(fmt.Sprint(c.Kind, c.Config), func(t *testing.T) { c.compare(t, ref.Lanes) })
	}
}

func (c *fcnTextCase) compare(t *testing.T, lanes int) {
	info, _ := Lookup(c.Kind)
	m, err := New(c.Kind, c.config(t, info))
	if err != nil {
		t.Fatal(err)
	}
	ps, pool := m.Params(), tensor.NewPool(2)
	defer pool.Close()
	ps.Allocate()
	ps.AllocateGrads(lanes)
	formulaWeights(ps)
	sameTensors(t, ps, &imageReference{Tensors: c.Tensors})

	record := func(mode nn.Mode) (*nn.Tape, *Recording) {
		tape := nn.NewTape(ps, pool, nn.Shape{Steps: c.Steps, Lanes: lanes, Rows: c.Rows}, mode, 1)
		r := Record(m, task.Default(info.Task), tape, nil)
		tape.Keep(r.Out)
		tape.Plan()
		c.fill(r, lanes*c.Rows)
		tape.Forward()
		return tape, r
	}
	_, r := record(nn.Inference)
	got := map[string][]float32{"inference": slices.Clone(r.Out.Value().Data)}
	tape, r := record(nn.Training)
	got["logits"] = r.Out.Value().Data
	loss := (r.Losses[0].LaneSum[0] + r.Losses[0].LaneSum[1]) / float64(r.Out.Rows)
	if !(math.Abs(loss-c.Loss) <= 4*c.Errors["loss"]+1e-6) {
		t.Errorf("loss %v, PyTorch has %v", loss, c.Loss)
	}
	tape.Backward(nil)
	for _, p := range ps.List {
		sum := make([]float32, p.Size())
		tensor.Add(sum, p.Grad(0).Data, p.Grad(1).Data)
		got["gradient of "+p.Name] = sum
	}
	if n := ps.StatisticsSize(); n > 0 {
		sum := make([]float32, n)
		tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
		ps.Track(sum, lanes)
	}
	for _, s := range ps.Statistics {
		got[s.Name] = s.Value()
	}
	c.close(t, got)
}

// fill makes the inputs and targets of the script.
func (c *fcnTextCase) fill(r *Recording, rows int) {
	for _, p := range r.Parts() {
		switch p := p.Holds.(type) {
		case *nn.Images:
			for i := range p.Pixels {
				p.Pixels[i] = formulaValue(pixelSite, i)
			}
		case *nn.Tokens:
			for i := range p.Input {
				p.Input[i] = int32((i%rows*7 + i/rows*3) % p.Vocab)
			}
		case *nn.Lengths:
			for i := range p.Of {
				p.Of[i] = int32(1 + i*5%c.Steps)
			}
		case *nn.Targets:
			p.Count = len(p.Target)
			for i := range p.Target {
				p.Target[i] = int32(i % p.Classes)
				if c.Kind == "fcn" {
					p.Target[i] = int32(i * 5 / 3 % p.Classes)
				}
			}
		}
	}
}

// close compares what was found with PyTorch's values: by its own float32 error.
func (c *fcnTextCase) close(t *testing.T, got map[string][]float32) {
	if len(got) != len(c.Values) {
		t.Errorf("%d results, want %d", len(got), len(c.Values))
	}
	for name, want := range c.Values {
		allowed := 4*c.Errors[name] + 3e-7
		for i, w := range want {
			if off := math.Abs(float64(got[name][i]) - w); !(off <= allowed) {
				t.Errorf("%s: element %d is off by %.2g, at most %.2g is allowed", name, i, off, allowed)
				break
			}
		}
		norm := math.Sqrt(tensor.SumSquares(got[name]))
		if most := allowed * math.Sqrt(float64(len(got[name]))); !(math.Abs(norm-c.Norms[name]) <= most) {
			t.Errorf("%s: norm %v, PyTorch has %v", name, norm, c.Norms[name])
		}
	}
}
