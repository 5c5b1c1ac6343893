package task

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
)

func init() {
	Register(Pixels, Kind[pixels]{
		About:  "the class of each pixel of an image",
		Unit:   "pixel",
		Nats:   true,
		Target: mask,
		New:    func(p pixels) Task { return p },
	})
}

// pixels learns to tell the classes of pixels apart, by masks.
type pixels struct {
	Weights []float64 `field:"class_weights" allowed:"[0, inf)" unsaid:"" about:"of each class in the loss; empty: alike"`
	Ignore  []int     `field:"ignore" allowed:"[0, 255]" unsaid:"" about:"values of masks that stand for no class"`
}

// mask is the part of the data that the task is learnt by.
const mask = "mask"

func (p pixels) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	if !out.Layout.IsImage() {
		misfit("task.kind: %s takes a row of classes for each pixel, and the network gives %v", Pixels, out)
	}
	k := targets(b, mask, out.Layout, out)
	k.Ignored = nil
	for _, value := range p.Ignore {
		k.Ignored = append(k.Ignored, int32(value))
	}
	return t.CrossEntropyWith(name, out, k, nn.CrossEntropyOptions{
		Weights: weightsOf("task.class_weights", p.Weights, out.Cols), Ignore: k.Ignored,
	})
}

func (p pixels) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &pixelScorer{targets: b.Part(mask).(*nn.Targets), out: out}
}

type pixelScorer struct {
	targets *nn.Targets
	out     *nn.Node
}

func (s *pixelScorer) Measures(int, int) []measure.Measure {
	return []measure.Measure{table(s.out.Cols)}
}

func (s *pixelScorer) Score(lanes [][]measure.Measure) {
	logits, rows := s.out.Value(), s.targets.Layout.LaneRows()
	for row, target := range s.targets.Target {
		if target >= 0 && int(target) < s.out.Cols && !s.targets.Ignores(target) {
			lane := lanes[row/rows%s.targets.Layout.Lanes]
			lane[0].(adder).Add(target, int32(measure.ArgMax(logits.Row(row))))
		}
	}
}

func (s *pixelScorer) Figures(whole []measure.Measure) []Figure {
	classes := whole[0].(adder).Classes()
	return []Figure{
		{"mean IoU", measure.Mean(classes, measure.Class.IoU), Share},
		{"pixels right", measure.Accuracy(classes), Share},
	}
}
