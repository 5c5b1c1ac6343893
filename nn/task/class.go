package task

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
)

func init() {
	Register(Class, Kind[class]{
		About: "the class of each image, sound or text",
		New:   func(c class) Task { return c },
	})
}

// class learns to tell classes apart.
type class struct {
	Smoothing float64   `field:"smoothing" allowed:"[0, 1)" unsaid:"0" about:"share of a target that all classes have alike"`
	Weights   []float64 `field:"class_weights" allowed:"[0, inf)" unsaid:"" about:"of each class in the loss; empty: alike"`
}

func (c class) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	return t.CrossEntropyWith(name, out, targets(b, Class, t.Shape.Once(), out.Cols), nn.CrossEntropyOptions{
		Smoothing: c.Smoothing, Weights: classWeights(c.Weights, out.Cols),
	})
}

func (c class) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &classScorer{targets: b.Part(Class).(*nn.Targets), out: out}
}

// targets is the part of classes, or symbols, that an output is to meet.
func targets(b *nn.Batch, name string, l nn.Layout, classes int) *nn.Targets {
	if p, ok := b.Part(name).(*nn.Targets); ok && p.Classes == classes && p.Layout == l {
		return p
	}
	p := nn.NewTargets(l)
	p.Classes = classes
	b.Add(name, p)
	return p
}

// classWeights are the weights of so many classes, or nil where all are alike.
func classWeights(weights []float64, classes int) []float32 {
	if len(weights) == 0 {
		return nil
	}
	if len(weights) != classes {
		panic(fmt.Sprintf("task.class_weights: %d weights for the network's %d classes", len(weights), classes))
	}
	list := make([]float32, classes)
	for i, w := range weights {
		list[i] = float32(w)
	}
	return list
}

// What a classScorer counts.
const (
	classTargets = iota // samples with a class
	classRight          // whose class is the likeliest, the first among equals
	classRight5         // whose class is among the five likeliest
	classWidth
)

type classScorer struct {
	targets *nn.Targets
	out     *nn.Node
}

func (s *classScorer) Width() int { return classWidth }

func (s *classScorer) Score(sums [][]float64) {
	logits, rows := s.out.Value(), s.targets.Layout.LaneRows()
	for row, target := range s.targets.Target {
		if target < 0 {
			continue
		}
		lane := sums[row/rows%s.targets.Layout.Lanes]
		lane[classTargets]++
		switch place := rank(logits.Row(row), int(target)); {
		case place == 0:
			lane[classRight]++
			lane[classRight5]++
		case place < 5:
			lane[classRight5]++
		}
	}
}

// rank is how many classes are likelier than the target; among equals the first is likeliest.
func rank(logits []float32, target int) int {
	place, own := 0, logits[target]
	for j, x := range logits {
		if x > own || x == own && j < target {
			place++
		}
	}
	return place
}

func (s *classScorer) Figures(sum []float64) []Figure {
	all := max(1, sum[classTargets])
	list := []Figure{{"accuracy", sum[classRight] / all, Share}}
	if s.out.Cols > 10 {
		list = append(list, Figure{"top-5", sum[classRight5] / all, Share})
	}
	return slices.Clip(list)
}
