package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// lossReference is an entry of testdata/losses/losses.json.
type lossReference struct {
	Kind          string
	X             []float32
	Target, Other []int32
	Share         []float32
	Smoothing     float64
	Weights       []float32
	Ignore        []int32
	Values        []float32
	Beta          float64
	Transcripts   [][]int32
	Lengths       []int32
	Mean          CTCMean

	Loss      float64
	Grad      []float64
	LossError float64 `json:"loss_error"` // of PyTorch's float32
	GradError float64 `json:"grad_error"`
}

func (r *lossReference) record(t *Tape, x *Node) *Loss {
	switch r.Kind {
	case "entropy":
		k := NewTargets(x.Layout)
		k.Other, k.Share = r.Other, r.Share
		copy(k.Target, r.Target)
		return t.CrossEntropyWith("loss", x, k, CrossEntropyOptions{Smoothing: r.Smoothing, Weights: r.Weights, Ignore: r.Ignore})
	case "ctc":
		lengths, k := NewLengths(t.Shape), NewTranscripts(t.Shape, 4)
		copy(lengths.Of, r.Lengths)
		for i, s := range r.Transcripts {
			if err := k.Set(i, s); err != nil {
				panic(err)
			}
		}
		return t.CTC("loss", x, lengths, k, CTCOptions{Mean: r.Mean, ZeroInfinity: true})
	}
	k := NewTargetValues(x.Layout, x.Cols)
	copy(k.Value, r.Values)
	switch r.Kind {
	case "binary":
		return t.BinaryCrossEntropy("loss", x, k, r.Weights)
	case "squared":
		return t.SquaredError("loss", x, k)
	case "absolute":
		return t.AbsoluteError("loss", x, k)
	case "smooth":
		return t.SmoothL1("loss", x, k, r.Beta)
	}
	return t.Huber("loss", x, k, r.Beta)
}

func (r *lossReference) shape() (s Shape, cols int) {
	switch r.Kind {
	case "entropy":
		return Shape{Steps: 1, Lanes: 1, Rows: len(r.Target)}, len(r.X) / len(r.Target)
	case "ctc":
		return Shape{Steps: 8, Lanes: 2, Rows: 2}, 5
	}
	return Shape{Steps: 1, Lanes: 2, Rows: 2}, 3
}

// Losses and their gradients are PyTorch's, options crossed. The tolerance is a
// small multiple of the error of PyTorch's float32.
func TestLossesAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/losses/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var refs []lossReference
	if err := json.Unmarshal(text, &refs); err != nil {
		t.Fatal(err)
	}
	for i, r := range refs {
		t.Run(fmt.Sprint(r.Kind, i), func(t *testing.T) { r.compare(t) })
	}
}

func (r *lossReference) compare(t *testing.T) {
	shape, cols := r.shape()
	ps := NewParams()
	x := newSource(ps, "x", shape, cols)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	copy(ps.Values, r.X)
	tape := NewTape(ps, nil, shape, Training, 0)
	loss := r.record(tape, x.Forward(tape))
	tape.Plan()
	weights := make([]float64, shape.Lanes)
	loss.Weigh(weights)
	for _, w := range weights {
		loss.Total += w
	}
	tape.Forward()
	got := 0.0
	for _, sum := range loss.LaneSum {
		got += sum / loss.Total
	}
	if off := math.Abs(got - r.Loss); !(off <= 2*r.LossError+3e-7*r.Loss) {
		t.Errorf("loss %v, want %v", got, r.Loss)
	}
	tape.Backward(nil)
	for i, want := range r.Grad {
		sum := 0.0
		for lane := range shape.Lanes {
			sum += float64(ps.LaneGrads(lane)[i])
		}
		if off := math.Abs(sum - want); !(off <= 3*r.GradError+1e-7) {
			t.Errorf("gradient %d: %v, want %v (PyTorch's float32 errs by %.2g)", i, sum, want, r.GradError)
		}
	}
}
