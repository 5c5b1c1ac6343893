package task

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
)

func init() {
	Register(Next, Kind[next]{
		About: "the symbol that follows each one of a text",
		Unit:  "byte",
		Nats:  true,
		New:   func(n next) Task { return n },
	})
}

// next learns to predict the next symbol.
type next struct{}

func (next) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	return t.CrossEntropy(name, out, targets(b, Next, t.Shape.Layout(), out))
}

func (next) Scorer(*nn.Batch, *nn.Node) Scorer { return nothing{} }

// nothing counts nothing: the loss says all.
type nothing struct{}

func (nothing) Measures(int, int) []measure.Measure { return nil }
func (nothing) Score([][]measure.Measure)           {}
func (nothing) Figures([]measure.Measure) []Figure  { return nil }
