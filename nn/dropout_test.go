package nn

import (
	"math"
	"testing"
)

// dropOnes returns what dropout makes of ones.
func dropOnes(shape Shape, mode Mode, rate float32, step uint64, site uint32) []float32 {
	ps := NewParams()
	x := newSource(ps, "x", shape, 64)
	ps.Allocate()
	for i := range ps.Values {
		ps.Values[i] = 1
	}
	tape := NewTape(ps, nil, shape, mode, 1)
	y := NewDropout("drop", rate, site).Forward(tape, x.Forward(tape))
	tape.Keep(y)
	tape.Plan()
	tape.Begin(step, 0, 0)
	tape.Forward()
	return y.Value().Data
}

func TestDropoutRate(t *testing.T) {
	shape := Shape{Steps: 16, Lanes: 2, Rows: 8}
	y := dropOnes(shape, Training, 0.25, 0, 0)
	kept := 0
	for _, v := range y {
		switch v {
		case 0:
		case 1 / (1 - float32(0.25)):
			kept++
		default:
			t.Fatalf("an element is %v", v)
		}
	}
	// The deviation of n trials of probability 3/4 is √(n·3/16).
	n := float64(len(y))
	if off := math.Abs(float64(kept)-0.75*n) / math.Sqrt(n*3/16); off > 4 {
		t.Errorf("%d of %v kept, %v deviations off", kept, n, off)
	}
}

func TestDropoutDiffersBySiteStepAndLane(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 2}
	first := dropOnes(shape, Training, 0.5, 0, 0)
	if sameBits(dropOnes(shape, Training, 0.5, 0, 0), first) != nil {
		t.Error("the same place gives another mask")
	}
	for name, other := range map[string][]float32{
		"step": dropOnes(shape, Training, 0.5, 1, 0),
		"site": dropOnes(shape, Training, 0.5, 0, 1),
	} {
		if sameBits(other, first) == nil {
			t.Errorf("another %s has the same mask", name)
		}
	}
	if sameBits(first[:128], first[128:256]) == nil {
		t.Error("both lanes have the same mask")
	}
}

func TestDropoutDoesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for _, y := range [][]float32{dropOnes(shape, Inference, 0.5, 0, 0), dropOnes(shape, Training, 0, 0, 0)} {
		for _, v := range y {
			if v != 1 {
				t.Fatalf("an element is %v, want 1", v)
			}
		}
	}
}
