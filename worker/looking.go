package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Network returns the model, for those who look inside. Its weights are not to be changed.
func (p *Predictor) Network() *zoo.Network { return p.model }

// Pool returns the goroutines that the predictor computes on.
func (p *Predictor) Pool() *tensor.Pool { return p.pool }

// PixelSpan is what black and white of a channel are for the network.
func (p *Predictor) PixelSpan(channel int) (black, white float32, err error) {
	d := &Dataset{}
	if err := d.prepare(p.File, nil); err != nil {
		return 0, 0, err
	}
	black, white = d.numbers.Span(channel)
	return black, white, nil
}

// Feeder brings samples of a set to batches of so many rows in one lane, as an evaluation takes them.
type Feeder struct {
	Samples, Rows int

	rows  *sampleRows
	parts []nn.Part
}

// Feeder makes one for a set. The batches are those of the predictor's network.
func (p *Predictor) Feeder(set samples.Source, rows int) (*Feeder, error) {
	d := &Dataset{samples: set, asRead: true, hears: p.hears}
	if err := d.prepare(p.File, p.parts); err != nil {
		return nil, err
	}
	for _, part := range p.parts {
		b, err := d.bind(part, p.parts, set.Schema())
		if err != nil {
			return nil, fmt.Errorf("the input %w", err)
		}
		d.binding = append(d.binding, b)
	}
	r := &sampleRows{set: d, length: set.Len(), all: set.Len(), pool: p.pool, seed: p.File.Seed, global: rows, perLane: rows, alike: 1}
	return &Feeder{Samples: set.Len(), Rows: rows, rows: r, parts: p.parts}, nil
}

// Fill fills a batch with samples b*Rows and on, and returns how many of its rows have one.
func (f *Feeder) Fill(b int, batch *nn.Batch) (int, error) {
	n := min(f.Rows, f.Samples-b*f.Rows)
	if b < 0 || n < 1 {
		return 0, nil
	}
	return n, f.rows.read(batch.Parts(), b, laneRange{0, 1}, f.rows.pool)
}
