package nn

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// specNetwork masks rows of different lengths.
func specNetwork(t testing.TB, shape Shape) network {
	s, err := NewSpecAugment("op", SpecAugmentOptions{BandMasks: 2, BandWidth: 3, TimeMasks: 1, TimeWidth: 3, TimeShare: 0.6}, 9)
	if err != nil {
		t.Fatal(err)
	}
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newSource(ps, "x", shape, 7)
		return func(t *Tape, _ *States) *Node { return s.Forward(t, x.Forward(t), someLengths(t, shape)) }
	}
}

func TestSpecAugmentGradients(t *testing.T) {
	shape := Shape{Steps: 5, Lanes: 2, Rows: 3}
	gradcheck(t, shape, specNetwork(t, shape))
}

func TestSpecAugmentLanes(t *testing.T) {
	shape := Shape{Steps: 5, Lanes: 4, Rows: 3}
	lanecheck(t, shape, specNetwork(t, shape))
}

// Masks are as wide as the options allow, nowhere wider, and everywhere.
func TestSpecAugmentMasks(t *testing.T) {
	const steps, bands, rows = 12, 10, 64
	pool := tensor.NewPool(2)
	defer pool.Close()
	s, err := NewSpecAugment("mask", SpecAugmentOptions{BandMasks: 1, BandWidth: 4, TimeMasks: 1, TimeWidth: 100, TimeShare: 0.5}, 1)
	if err != nil {
		t.Fatal(err)
	}
	shape := Shape{Steps: steps, Lanes: 1, Rows: rows}
	tape := NewTape(NewParams(), pool, shape, Training, 0)
	x, lengths := newFeed(tape, bands), NewLengths(shape)
	tensor.Fill(x.data, 1)
	for i := range lengths.Of {
		lengths.Of[i] = int32(i % (steps + 1))
	}
	y := s.Forward(tape, x.y, lengths)
	tape.Keep(y)
	tape.Plan()
	widths, hidden := map[int]int{}, map[int]int{}
	for step := range uint64(20) {
		tape.Begin(step, 0, 0)
		tape.Forward()
		for i := range rows {
			n, gone := int(lengths.Of[i]), 0
			width := -1
			for at := range steps {
				masked := 0
				for _, v := range y.Value().Row(at*rows + i) {
					masked += int(1 - v)
				}
				switch {
				case masked == bands && at >= n:
					t.Fatalf("step %d of a row of %d is masked", at, n)
				case masked == bands:
					gone++
					hidden[at]++
				case width >= 0 && masked != width:
					t.Fatalf("%d bands are masked in one step, %d in another", masked, width)
				default:
					width = masked
				}
			}
			if gone > n/2 {
				t.Fatalf("%d steps of %d are masked", gone, n)
			}
			widths[width]++
		}
	}
	for width := range 5 {
		if share := float64(widths[width]) / (20 * rows); share < 0.15 || share > 0.25 {
			t.Errorf("%.2f of the masks are %d bands wide, want a fifth", share, width)
		}
	}
	if len(widths) != 5 || len(hidden) != steps {
		t.Errorf("widths %v, steps %v", widths, hidden)
	}
	silent := NewTape(NewParams(), pool, shape, Inference, 0)
	if in := newFeed(silent, bands).y; s.Forward(silent, in, nil) != in {
		t.Error("it masks for inference")
	}
}

func TestSpecAugmentRefusals(t *testing.T) {
	for want, o := range map[string]SpecAugmentOptions{
		"9 masks over bands and 0 over time; use 0 to 8": {BandMasks: 9},
		"masks of 0 bands and -1 steps":                  {TimeWidth: -1},
		"masks over a share of 1.5 of the time":          {TimeShare: 1.5},
	} {
		if _, err := NewSpecAugment("mask", o, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
