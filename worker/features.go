package worker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// AtLayer has Run give what a layer yields in place of what the model says: one of the names that are recorded, or a
// module around several, as layer3, for the last of them. Images are [height, width, channels].
func (p *Predictor) AtLayer(name string) error {
	tape := nn.NewTape(p.model.Params(), nil, nn.Shape{Steps: p.File.RowLength(), Lanes: 1, Rows: 1}, nn.Inference, p.File.Seed)
	p.model.Forward(tape, tape.NewBatch(nil))
	if layerOf(tape, name) == nil {
		return noLayer(tape, name)
	}
	p.layer = name
	clear(p.tapes)
	return nil
}

// layerOf is the output of the last operation of a name, or of those behind a module's name.
func layerOf(t *nn.Tape, name string) (found *nn.Node) {
	for _, y := range t.Outputs() {
		if y.Name == name || strings.HasPrefix(y.Name, name+".") {
			found = y.Node
		}
	}
	return found
}

// noLayer is an error with the modules that there are.
func noLayer(t *nn.Tape, name string) error {
	var names []string
	for _, y := range t.Outputs() {
		if head, _, _ := strings.Cut(y.Name, "."); !slices.Contains(names, head) {
			names = append(names, head)
		}
	}
	return fmt.Errorf("the network has no layer %q; its layers begin with %s", name, strings.Join(names, ", "))
}

// Features calls each with what the model makes of every sample of a set before its last layer weighs it, and what it
// says of it, in order. Features of several steps or pixels are their mean.
func (p *Predictor) Features(set samples.Source, each func(i int, features []float32, out Output) error) error {
	p.feeds = true
	clear(p.tapes) // those that keep no features
	defer func() {
		p.feeds = false
		clear(p.tapes)
	}()
	return p.run(set, func(i, row int, r *predicting) error { return each(i, r.features(row), r.output(row)) })
}

// features are the mean over the rows of a sample.
func (r *predicting) features(row int) []float32 {
	l, x := r.feeds.Layout, r.feeds.Value()
	most := l.Steps
	if k := r.batch.OutputLengths; k != nil && l.Steps > 1 {
		most = max(1, min(most, int(k.Of[row])))
	}
	sums, left := make([]float64, x.Cols), most*l.Pixels()
	count := float64(left)
	for at := range rowsOf(l, row) {
		if left == 0 {
			break
		}
		for j, v := range x.Row(at) {
			sums[j] += float64(v)
		}
		left--
	}
	mean := make([]float32, x.Cols)
	for j, v := range sums {
		mean[j] = float32(v / count)
	}
	return mean
}
