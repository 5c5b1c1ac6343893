package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/fields"
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
	Entries     int
	Listing     string
	Float32     float64 // how far PyTorch's own float32 loss is off
	Loss        float64
	Values      map[string]tensorReference
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
	if n, sha := listing(ps); n != c.Entries || sha != c.Listing {
		t.Errorf("%d tensors of SHA-256 %s, PyTorch has %d of %s", n, sha, c.Entries, c.Listing)
	}

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
	if !(math.Abs(loss/c.Loss-1) <= allowed(c.Float32)) {
		t.Errorf("loss %v, PyTorch has %v", loss, c.Loss)
	}
	tape.Backward(nil)
	for name, grad := range gradients(ps, lanes) {
		got["gradient of "+name] = grad
	}
	maps.Copy(got, tracked(ps))
	compareTensors(t, "", got, c.Values)
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
