package main

import (
	"errors"
	"math"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Kinds that make the mistakes which are made when a first model is written; each differs from age in one line.
func init() {
	mistake := func(name string, forward func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node) {
		kind := ageKind
		kind.New = func(c Age) (zoo.Model, error) {
			m, err := newAge(c)
			if err != nil {
				return nil, err
			}
			return &mistaken{m.(*ageNet), forward}, nil
		}
		zoo.Register(name, kind)
	}
	place := func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node { return m.where.Forward(t, b.Vectors("place", 2)) }
	mistake("wrong-columns", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node { return m.out.Forward(t, place(m, t, b)) })
	mistake("wrong-channels", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		return m.conv2.Forward(t, b.Images("image", side, side, 1))
	})
	mistake("not-an-image", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		return t.MaxPool("pool", place(m, t, b), tensor.PoolShape{KH: 2, KW: 2})
	})
	mistake("other-rows", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		return t.Concat("both", b.Images("image", side, side, 1), place(m, t, b))
	})
	mistake("other-columns", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		return t.Add("shortcut", b.Vectors("place", 2), place(m, t, b))
	})
	mistake("unknown-part", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		b.Vectors("weather", 3)
		return m.Forward(t, b)
	})
	mistake("other-shape", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		b.Vectors("place", 3)
		return m.out.Forward(t, t.Slice("hidden", b.Images("image", side, side, 1), 0, 1))
	})
	mistake("part-twice", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		b.Vectors("place", 3)
		return m.Forward(t, b)
	})
	mistake("no-length", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		b.Lengths("age", 4)
		return m.Forward(t, b)
	})
	mistake("other-length", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node {
		return t.Last("last", m.Forward(t, b), b.Lengths("place", 4))
	})
	mistake("other-outputs", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node { return place(m, t, b) })
	mistake("no-output", func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node { return nil })
}

// mistaken is age with another Forward.
type mistaken struct {
	*ageNet
	forward func(m *ageNet, t *nn.Tape, b *nn.Batch) *nn.Node
}

func (m *mistaken) Forward(t *nn.Tape, b *nn.Batch) *nn.Node { return m.forward(m.ageNet, t, b) }

// Tasks whose loss or measure does wrong.
func init() {
	mistake := func(name string, loss func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss) {
		kind := quantilesKind
		kind.New = func(q quantiles) task.Task { return &mistakenTask{q, loss} }
		task.Register(name, kind)
	}
	mistake("loss-is-nan", func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss {
		return t.RowLoss(name, out, y, func(slopes, x, y []float32) float64 { clear(slopes); return math.NaN() })
	})
	mistake("loss-beyond", func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss {
		return t.RowLoss(name, out, y, func(slopes, x, y []float32) float64 { return float64(y[len(x)-1]) })
	})
	mistake("loss-of-nobody", func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss { return nil })
	mistake("loss-without-total", func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss {
		op := &emptyLoss{nn.NewLoss(name, out.Layout, func(int) float64 { return 0 }, nil), out}
		return t.End(op, op.Loss, nn.Use{Inputs: []*nn.Node{out}})
	})
	mistake("loss-without-sum", func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss {
		op := &emptyLoss{nn.NewLoss(name, out.Layout, func(int) float64 { return 1 }, nil), out}
		return t.End(op, op.Loss, nn.Use{Sets: true, Inputs: []*nn.Node{out}})
	})
	task.Register("scorer-beyond", task.Kind[quantiles]{Defaults: quantilesKind.Defaults, New: func(q quantiles) task.Task { return scoredBeyond{q} }})
}

type mistakenTask struct {
	quantiles
	loss func(t *nn.Tape, name string, out *nn.Node, y *nn.TargetValues) *nn.Loss
}

func (k *mistakenTask) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	y, ok := b.Part(age).(*nn.TargetValues)
	if !ok {
		y = nn.NewTargetValues(out.Layout, 1)
		b.Add(age, y)
	}
	return k.loss(t, name, out, y)
}

// emptyLoss does nothing of what a loss should.
type emptyLoss struct {
	*nn.Loss
	x *nn.Node
}

func (o *emptyLoss) Forward()  {}
func (o *emptyLoss) Backward() {}

type scoredBeyond struct{ quantiles }

func (k scoredBeyond) Scorer(b *nn.Batch, out *nn.Node) task.Scorer {
	return beyond{k.quantiles.Scorer(b, out)}
}

type beyond struct{ task.Scorer }

func (beyond) Score(lanes [][]measure.Measure) { _ = lanes[len(lanes)] }

// Sources that are not what they say.
func init() {
	good, err := openMoons("moons:train?count=64")
	if err != nil {
		panic(err)
	}
	mistake := func(scheme string, change func(s *source)) {
		samples.Register(scheme, func(name string) (samples.Source, error) {
			s := &source{good.Len(), good.Schema(), good.Hash(), good.At}
			change(s)
			return s, nil
		})
	}
	sample := func(change func(i int, s samples.Sample) samples.Sample) func(*source) {
		return func(s *source) {
			at := s.at
			s.at = func(i int) (samples.Sample, error) {
				sample, err := at(i)
				return change(i, sample), err
			}
		}
	}
	mistake("empty", func(s *source) { s.length = 0 })
	mistake("hashless", func(s *source) { s.hash = "" })
	mistake("schemaless", func(s *source) { s.schema.Parts = nil })
	mistake("negative", func(s *source) { s.schema.Parts[1].Shape = []int{-2} })
	mistake("fewer", sample(func(i int, s samples.Sample) samples.Sample { return s[:2] }))
	mistake("longer", sample(func(i int, s samples.Sample) samples.Sample { s[1] = samples.Float32s([]float32{1, 2, 3}); return s }))
	mistake("shorter", sample(func(i int, s samples.Sample) samples.Sample { s[0].Data = s[0].Data[1:]; return s }))
	mistake("infinite", sample(func(i int, s samples.Sample) samples.Sample {
		s[2] = samples.Value{Shape: []int{}, Data: samples.Float32s([]float32{float32(math.Inf(1))}).Data}
		return s
	}))
	mistake("panicking", sample(func(i int, s samples.Sample) samples.Sample { return s[:len(s)+i] }))
	mistake("later", func(s *source) { // only what is read ahead
		s.length = 640
		s.at = func(i int) (samples.Sample, error) {
			if i%64 > 60 {
				var none []int
				_ = none[i]
			}
			return good.At(i % 64)
		}
	})
	mistake("failing", func(s *source) {
		s.at = func(int) (samples.Sample, error) { return nil, errors.New("the server is away") }
	})
	samples.Register("unopened", func(string) (samples.Source, error) { return nil, nil })
	samples.Register("untyped", func(string) (samples.Source, error) { return (*source)(nil), nil })
}

// source is a samples.Source of parts.
type source struct {
	length int
	schema samples.Schema
	hash   string
	at     func(i int) (samples.Sample, error)
}

func (s *source) Len() int                         { return s.length }
func (s *source) Schema() samples.Schema           { return s.schema }
func (s *source) Hash() string                     { return s.hash }
func (s *source) At(i int) (samples.Sample, error) { return s.at(i) }
