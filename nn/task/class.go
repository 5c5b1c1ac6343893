package task

import (
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
)

func init() {
	Register(Class, Kind[class]{
		About:  "the class of each image, sound or text, or of each of its time steps",
		Nats:   true,
		Target: Class,
		New:    func(c class) Task { return c },
	})
}

// class learns to tell classes apart.
type class struct {
	Smoothing float64   `field:"smoothing" allowed:"[0, 1)" unsaid:"0" about:"share of a target that all classes have alike"`
	Weights   []float64 `field:"class_weights" allowed:"[0, inf)" unsaid:"" about:"of each class in the loss; empty: alike"`
}

func (c class) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	if out.Layout.IsImage() {
		misfit("task.kind: %s takes a row of classes for each image, and the network gives %v; flatten or pool it, or learn %s", Class, out, Pixels)
	}
	o := nn.CrossEntropyOptions{Smoothing: c.Smoothing, Weights: weightsOf("task.class_weights", c.Weights, out.Cols)}
	if out.Layout.Steps > 1 {
		o.Ignore = beyondEnd // so that the loss is a mean over the steps that rows have
	}
	return t.CrossEntropyWith(name, out, targets(b, Class, out.Layout, out), o)
}

// beyondEnd is the target of the time steps that a row has not.
var beyondEnd = []int32{-1}

func (c class) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &classScorer{targets: b.Part(Class).(*nn.Targets), out: out}
}

// targets is the part of classes, or symbols, that an output is to meet.
func targets(b *nn.Batch, name string, l nn.Layout, out *nn.Node) *nn.Targets {
	if p, ok := b.Part(name).(*nn.Targets); ok && p.Classes == out.Cols && p.Layout == l {
		return p
	}
	p := nn.NewTargets(l)
	p.Classes = out.Cols
	b.Add(name, p)
	return p
}

// weightsOf are a field's weights of so many classes, or nil where all are alike.
func weightsOf(field string, weights []float64, classes int) []float32 {
	if len(weights) == 0 {
		return nil
	}
	if len(weights) != classes {
		misfit("%s: %d weights for the network's %d", field, len(weights), classes)
	}
	list := make([]float32, classes)
	for i, w := range weights {
		list[i] = float32(w)
	}
	return list
}

// Up to so many classes it is counted which is taken for which, and up to so many rows of a lane every score is kept for
// the area under the curve, and what each sample is taken for.
const (
	mostConfused = 64
	mostScores   = 1 << 16
	mostGuesses  = 1 << 14
)

type classScorer struct {
	targets *nn.Targets
	out     *nn.Node
}

// What a classScorer measures, in this order.
const (
	classTop = iota
	classTable
	classSure
	classRest // guesses, and the area under the curve of two classes, where rows are not too many
)

func (s *classScorer) Measures(rows, lanes int) []measure.Measure {
	list := []measure.Measure{measure.NewTop(1, min(5, s.out.Cols)), table(s.out.Cols), measure.NewCalibration(measure.CalibrationBins)}
	if s.out.Layout.Steps == 1 && rows <= mostGuesses {
		list = append(list, measure.NewGuesses(s.out.Cols, rows))
	}
	if rows *= s.out.Layout.Steps; s.out.Cols == 2 && rows <= mostScores {
		list = append(list, measure.NewAUC(rows*lanes))
	}
	return list
}

// table counts classes: which is taken for which, where they are few.
func table(classes int) measure.Measure {
	if classes <= mostConfused {
		return measure.NewConfusion(classes)
	}
	return measure.NewPerClass(classes)
}

// adder is a table of classes.
type adder interface {
	Add(target, taken int32)
	Classes() []measure.Class
}

func (s *classScorer) Score(lanes [][]measure.Measure) {
	logits, rows := s.out.Value(), s.targets.Layout.LaneRows()
	for row, target := range s.targets.Target {
		lane, x := lanes[row/rows%s.targets.Layout.Lanes], logits.Row(row)
		taken := int32(measure.ArgMax(x))
		probability := 0.0
		if target >= 0 {
			probability = sure(x, taken)
			lane[classTop].(*measure.Top).Add(x, target)
			lane[classTable].(adder).Add(target, taken)
			lane[classSure].(*measure.Calibration).Add(probability, taken == target)
		}
		for _, m := range lane[classRest:] {
			switch m := m.(type) {
			case *measure.Guesses:
				m.Add(target, taken, crossEntropy(x, target, taken, probability))
			case *measure.AUC:
				if target >= 0 {
					m.Add(x[1]-x[0], target == 1)
				}
			}
		}
	}
}

// sure is the probability of the class that a row is taken for, the largest.
func sure(x []float32, taken int32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - float64(x[taken]))
	}
	return 1 / sum
}

// crossEntropy is the loss of a row, without smoothing and weights, of which the class that it is taken for has some
// probability; 0 without a target.
func crossEntropy(x []float32, target, taken int32, probability float64) float64 {
	if target < 0 {
		return 0
	}
	return float64(x[taken]) - float64(x[target]) - math.Log(probability)
}

func (s *classScorer) Figures(whole []measure.Measure) []Figure {
	top := whole[classTop].(*measure.Top)
	list := []Figure{{"accuracy", top.Right(1), Share}}
	if s.out.Cols > 10 {
		list = append(list, Figure{"top-5", top.Right(5), Share})
	}
	for _, m := range whole[classRest:] {
		if auc, ok := m.(*measure.AUC); ok {
			list = append(list, Figure{"AUC", auc.Value(), ""})
		}
	}
	return list
}
