package worker

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// TestObserve wants every sample shown once, as [Predictor.Run] shows it, and rows without one counted out; and samples drawn
// alike each time.
func TestObserve(t *testing.T) {
	const n = 21 // a batch and a part of one
	f := imageFile(t, "lenet5", "model.image=24", "data.augment=random-resized-crop 24")
	set, err := samples.OpenSource(storedSet(t, n, 28, nil))
	if err != nil {
		t.Fatal(err)
	}
	m, path := savedModel(t, f, nil)
	p, err := NewPredictor(path, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	drawn := Drawn(set, f.Seed, n+5)
	var want, got []float32
	if err := p.Run(drawn, func(_ int, out Output) error { want = append(want, out.Logits...); return nil }); err != nil {
		t.Fatal(err)
	}
	see := &seer{}
	record := func(tape *nn.Tape, out *nn.Node) error {
		tape.Inspect(see)
		see.seen = func(layer int) {
			if slices.Contains(tape.OutputsOf(layer), out) {
				for r := range see.rows {
					got = append(got, out.Value().Row(r)...)
				}
			}
		}
		return nil
	}
	if err := p.Observe(drawn, record, func(rows int) { see.rows = rows }); err != nil {
		t.Fatal(err)
	}
	if len(want) != n*4 || !slices.Equal(got, want) {
		t.Errorf("%d numbers are observed, want %d equal ones", len(got), len(want))
	}
	few, first := Drawn(set, f.Seed, 4), []float32{}
	if err := p.Run(few, func(_ int, out Output) error { first = append(first, out.Logits...); return nil }); err != nil || !slices.Equal(first, want[:16]) {
		t.Errorf("%v: four samples are not the first of all", err)
	}
}

// seer is told of layers.
type seer struct {
	rows int
	seen func(layer int)
}

func (s *seer) Forward(layer int) { s.seen(layer) }
func (s *seer) Backward(int)      {}
