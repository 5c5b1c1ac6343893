package worker

import "github.com/rondo-ml/rondo/data/samples"

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
