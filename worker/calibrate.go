package worker

import (
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Drawn are n samples of a set, or all of a smaller one, in an order that the seed decides.
func Drawn(set samples.Source, seed uint64, n int) samples.Source {
	return &drawn{set, order.New(seed, 0, set.Len()), min(n, set.Len())}
}

type drawn struct {
	samples.Source
	order order.Order
	n     int
}

func (d *drawn) Len() int                               { return d.n }
func (d *drawn) At(i int) (s samples.Sample, err error) { return d.Source.At(d.order.At(i)) }

// Observe replays the model on every sample of a set, in order. record is called first, with the tape before its memory
// is planned and the model's output; filled before each Forward, with how many of the tape's rows hold a sample.
func (p *Predictor) Observe(set samples.Source, record func(tape *nn.Tape, out *nn.Node) error, filled func(rows int)) (err error) {
	defer zoo.Recover(p.File.Model.Kind, &err)
	n := max(1, min(set.Len(), mostPredicted))
	feeder, err := p.Feeder(set, n)
	if err != nil {
		return err
	}
	tape := nn.NewTape(p.model.Params(), p.pool, nn.Shape{Steps: p.File.RowLength(), Lanes: 1, Rows: n}, nn.Inference, p.File.Seed)
	batch := tape.NewBatch(nil)
	out := p.model.Forward(tape, batch)
	if err := tape.Err(); err != nil {
		return err
	}
	if err := record(tape, out); err != nil {
		return err
	}
	tape.Plan()
	for b := 0; ; b++ {
		rows, err := feeder.Fill(b, batch)
		if err != nil || rows == 0 {
			return err
		}
		filled(rows)
		tape.Begin(0, 0, 0)
		tape.Forward()
	}
}
