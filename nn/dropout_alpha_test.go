package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestAlphaDropoutOfPyTorch compares the three numbers of an alpha dropout with what PyTorch makes of a
// row (testdata/layers/make_alpha.py).
func TestAlphaDropoutOfPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/layers/alpha.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Rate float64
		X, Y []float64
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	for _, c := range all {
		scale, kept, dropped := NewAlphaDropout("drop", float32(c.Rate), 0).alpha()
		lost := 0.0
		for i, y := range c.Y {
			switch stays := float64(scale)*c.X[i] + float64(kept); {
			case math.Abs(y-float64(dropped)) < 1e-6:
				lost++
			case math.Abs(y-stays) > 1e-6:
				t.Fatalf("rate %v: element %d is %v, neither %v (kept) nor %v", c.Rate, i, y, stays, dropped)
			}
		}
		if n := float64(len(c.Y)); math.Abs(lost-n*c.Rate) > 4*math.Sqrt(n*c.Rate*(1-c.Rate)) {
			t.Errorf("rate %v: %v of %v are dropped", c.Rate, lost, n)
		}
	}
}

// TestAlphaDropout wants each element kept or dropped as the formula says, at the rate, and inference to do nothing.
func TestAlphaDropout(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 50}
	ps := NewParams()
	x := newSource(ps, "x", shape, 40)
	ps.Allocate()
	for i := range ps.Values {
		ps.Values[i] = float32(i%17-8) / 4
	}
	d := NewAlphaDropout("drop", 0.25, 3)
	scale, kept, dropped := d.alpha()
	tape := NewTape(ps, nil, shape, Training, 1)
	in := x.Forward(tape)
	y := d.Forward(tape, in)
	tape.Keep(in)
	tape.Keep(y)
	tape.Plan()
	tape.Begin(0, 0, 0)
	tape.Forward()
	lost := 0.0
	for i, v := range y.Value().Data {
		if stays := scale*in.Value().Data[i] + kept; v == dropped {
			lost++
		} else if math.Abs(float64(v-stays)) > 1e-6 {
			t.Fatalf("element %d is %v, neither %v (kept) nor %v", i, v, stays, dropped)
		}
	}
	if n := float64(len(y.Value().Data)); math.Abs(lost-n/4) > 4*math.Sqrt(n*3/16) {
		t.Errorf("%v of %v are dropped", lost, n)
	}
	tape = NewTape(ps, nil, shape, Inference, 1)
	if in := x.Forward(tape); d.Forward(tape, in) != in {
		t.Error("it records something for inference")
	}
	defer func() {
		if recover() == nil {
			t.Error("an alpha dropout of channels")
		}
	}()
	d.Of = Channels
	d.Forward(tape, x.Forward(tape))
}
