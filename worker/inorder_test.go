package worker

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// numbersInOrder is a set of n numbers that follow one another.
type numbersInOrder int

func (n numbersInOrder) Len() int     { return int(n) }
func (n numbersInOrder) Hash() string { return "numbers" }
func (n numbersInOrder) Schema() samples.Schema {
	return samples.Schema{InOrder: true, Parts: []samples.Part{{Name: "begins", Element: samples.Uint8, Shape: []int{}}}}
}
func (n numbersInOrder) At(i int) (samples.Sample, error) {
	return samples.Sample{{Shape: []int{}, Data: []byte{byte(i % 2)}}}, nil
}

// Each row of a batch reads a run of its own, in every epoch and of held-out data alike; what is left over is left out.
func TestSamplesInOrder(t *testing.T) {
	f := runfile.Default("x")
	f.Batch.Global, f.Batch.Lanes = 4, 2
	for _, training := range []bool{true, false} {
		rows := newSampleRows(&Dataset{samples: numbersInOrder(23)}, f, nil, training)
		if rows.batches() != 5 || rows.items() != 20 {
			t.Errorf("%d batches of %d samples, want 5 of 20", rows.batches(), rows.items())
		}
		epochs := 1
		if training {
			epochs = 2
		}
		for step := range 5 * epochs {
			var found []int64
			for row := range 4 {
				found = append(found, rows.uses(step, row).first)
			}
			s := int64(step % 5)
			if want := []int64{s, 5 + s, 10 + s, 15 + s}; !slices.Equal(found, want) {
				t.Errorf("step %d reads %v, want %v", step, found, want)
			}
			if at := rows.place(step); at.epoch != step/5 || at.firstOfEpoch != (s == 0) || at.count != 4 {
				t.Errorf("step %d: %+v", step, at)
			}
		}
	}

	// What the data says of where sequences begin comes to the batch.
	d := &Dataset{samples: numbersInOrder(23)}
	rec := &zoo.Recording{Batch: nn.NewTape(nn.NewParams(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Training, 0).NewBatch(nil)}
	begins := rec.Begins("begins")
	b, err := d.bind(rec.Parts()[0], rec.Parts(), d.samples.Schema())
	if err != nil {
		t.Fatal(err)
	}
	d.binding = []binding{b}
	feed, err := d.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.close()
	for step := range 3 {
		if err := feed.fill(rec, step, laneRange{1, 2}); err != nil {
			t.Fatal(err)
		}
		if odd := step%2 == 1; !slices.Equal(begins.Of, []bool{odd, !odd}) { // samples 10 and 15, and on
			t.Errorf("step %d: rows begin %v", step, begins.Of)
		}
	}
	if _, err := bindBegins(samples.Part{Name: "begins", Element: samples.Float32, Shape: []int{2}}); err == nil || !strings.Contains(err.Error(), "has begins as float32[2]") {
		t.Errorf("another type: error %v", err)
	}
	_, err = (&Dataset{samples: numbersInOrder(3)}).feed(f, nil, true)
	if err == nil || !strings.Contains(err.Error(), "3 samples that follow one another are too few: each of the 4 rows") {
		t.Errorf("too few samples: error %v", err)
	}
}
