package task

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
)

func init() {
	Register(Labels, Kind[labels]{
		About:  "which of several labels hold",
		Nats:   true,
		Target: Labels,
		New:    func(l labels) Task { return l },
	})
	Register(Regression, Kind[regression]{
		About:    "numbers",
		Target:   target,
		Defaults: regression{Miss: "squared", Beta: 1},
		New:      func(r regression) Task { return r },
	})
}

// labels learns which labels hold, each by itself.
type labels struct {
	Positive []float64 `field:"positive_weights" allowed:"(0, inf)" unsaid:"" about:"of each label where it holds; empty: 1"`
}

func (l labels) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	k := values(b, Labels, out)
	k.Low, k.High = 0, 1
	return t.BinaryCrossEntropy(name, out, k, weightsOf("task.positive_weights", l.Positive, out.Cols))
}

func (l labels) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &valueScorer{targets: b.Part(Labels).(*nn.TargetValues), out: out, labels: true}
}

// values is the part of numbers that an output is to meet.
func values(b *nn.Batch, name string, out *nn.Node) *nn.TargetValues {
	if p, ok := b.Part(name).(*nn.TargetValues); ok && p.Cols == out.Cols && p.Layout == out.Layout {
		return p
	}
	p := nn.NewTargetValues(out.Layout, out.Cols)
	b.Add(name, p)
	return p
}

// regression learns numbers.
type regression struct {
	Miss string  `field:"loss" oneof:"squared, absolute, smooth, huber" about:"what a miss costs"`
	Beta float64 `field:"beta" allowed:"(0, inf)" about:"where smooth and huber turn from squared to absolute"`
}

// target is the part of the data that a regression is learnt by.
const target = "target"

func (r regression) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	k := values(b, target, out)
	switch r.Miss {
	case "absolute":
		return t.AbsoluteError(name, out, k)
	case "smooth":
		return t.SmoothL1(name, out, k, r.Beta)
	case "huber":
		return t.Huber(name, out, k, r.Beta)
	}
	return t.SquaredError(name, out, k)
}

func (r regression) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &valueScorer{targets: b.Part(target).(*nn.TargetValues), out: out}
}

type valueScorer struct {
	targets *nn.TargetValues
	out     *nn.Node
	labels  bool
}

func (s *valueScorer) Measures(int, int) []measure.Measure {
	if s.labels {
		return []measure.Measure{measure.NewLabels(s.out.Cols)}
	}
	return []measure.Measure{measure.NewRegression(s.out.Cols)}
}

func (s *valueScorer) Score(lanes [][]measure.Measure) {
	values, l := s.out.Value(), s.targets.Layout
	for row, absent := range s.targets.Absent {
		if absent {
			continue
		}
		lane := lanes[row/l.LaneRows()%l.Lanes][0]
		lane.(interface{ Add(x, targets []float32) }).Add(values.Row(row), s.targets.Row(row))
	}
}

func (s *valueScorer) Figures(whole []measure.Measure) []Figure {
	switch m := whole[0].(type) {
	case *measure.Labels:
		return []Figure{{"all labels right", m.Exact(), Share}, {"labels right", m.Accuracy(), Share}, {"mean F1", measure.Mean(m.Classes(), measure.Class.F1), Share}}
	case *measure.Regression:
		return []Figure{{"mean squared error", m.MSE(), ""}, {"mean absolute error", m.MAE(), ""}, {"R²", m.R2(), ""}}
	}
	return nil
}
