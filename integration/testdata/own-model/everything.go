// Own-model is a program of one's own, as examples/custom is, whose models, tasks and data sets try all that can be registered: what
// works, and mistakes that are to be told.
package main

import (
	"strings"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Networks in which all that could let workers show is at work, and data for them: pictures, and rows of different lengths.
func init() {
	zoo.Register("every-image", zoo.Kind[noFields]{Task: task.Class, Sample: "picture", New: newEveryImage})
	zoo.Register("every-sequence", zoo.Kind[noFields]{Task: task.Class, Sample: "phrase", Sequences: true, New: newEverySequence})
	samples.Register("phases", func(name string) (samples.Source, error) {
		m, err := openMoons(name)
		if err != nil {
			return nil, err
		}
		schema := m.Schema()
		schema.Parts[2] = samples.Part{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"new", "waxing", "full", "waning"}}
		return &source{m.Len(), schema, m.Hash(), func(i int) (samples.Sample, error) {
			s, err := m.At(i)
			s[2] = samples.Class(min(3, int(4*s[2].Float32s()[0])))
			return s, err
		}}, nil
	})
	zoo.Register("every-state", zoo.Kind[noFields]{Task: task.Class, Sample: "piece", Sequences: true, New: newEveryState})
	samples.Register("tales", func(name string) (samples.Source, error) { return newTales(name) })
	samples.Register("phrases", func(name string) (samples.Source, error) { return newPhrases(name), nil })
}

type noFields struct{}

// everyImage has norms of three kinds, squeeze-excitation, and chance in three places.
type everyImage struct {
	params     *nn.Params
	stem, conv *nn.Conv2d
	norm       *nn.BatchNorm
	group      *nn.GroupNorm
	squeeze    *nn.SqueezeExcitation
	skip       *nn.Dropout
	layer      *nn.LayerNorm
	drop       *nn.Dropout
	out        *nn.Linear
}

const everyChannels = 8

func newEveryImage(noFields) (zoo.Model, error) {
	ps := nn.NewParams()
	conv := func(name string, in int) *nn.Conv2d {
		return nn.NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: everyChannels, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
	}
	return &everyImage{
		params: ps,
		stem:   conv("stem", 1), norm: nn.NewBatchNorm(ps, "norm", everyChannels, nn.BatchNormOptions{}),
		conv: conv("conv", everyChannels), group: nn.NewGroupNorm(ps, "group", 2, everyChannels, true),
		squeeze: nn.NewSqueezeExcitation(ps, "squeeze", everyChannels, 2, nil, nil),
		skip:    nn.NewStochasticDepth("skip", 0.3, 1),
		layer:   nn.NewLayerNorm(ps, "layer", everyChannels, true),
		drop:    nn.NewDropout("drop", 0.2, 2),
		out:     nn.NewLinear(ps, "out", everyChannels, 4, true),
	}, nil
}

func (m *everyImage) Params() *nn.Params { return m.params }

func (m *everyImage) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := t.SiLU("silu", m.norm.Forward(t, m.stem.Forward(t, b.Images("image", 14, 14, 1))))
	x = t.MaxPool("pool", x, tensor.PoolShape{KH: 2, KW: 2})
	y := m.squeeze.Forward(t, t.ReLU("relu", m.group.Forward(t, m.conv.Forward(t, x))))
	x = t.Add("shortcut", x, m.skip.Forward(t, y))
	x = m.layer.Forward(t, t.GlobalAvgPool("mean", x))
	return m.out.Forward(t, m.drop.Forward(t, x))
}

// everySequence reads packed rows in both directions, some of each masked.
type everySequence struct {
	params *nn.Params
	masks  *nn.SpecAugment
	rnn    *nn.Stack
	drop   *nn.Dropout
	out    *nn.Linear
}

// phraseWidth is the numbers of a time step, and phraseSteps the longest phrase.
const (
	phraseWidth = 6
	phraseSteps = 12
)

func newEverySequence(noFields) (zoo.Model, error) {
	ps := nn.NewParams()
	masks, err := nn.NewSpecAugment("masks", nn.SpecAugmentOptions{BandMasks: 1, BandWidth: 2, TimeMasks: 2, TimeWidth: 3, TimeShare: 0.5}, 1)
	if err != nil {
		return nil, err
	}
	rnn, err := nn.NewStack(ps, "rnn", "gru", phraseWidth, 10, 2, nn.StackOptions{Bidirectional: true, Dropout: 0.2})
	if err != nil {
		return nil, err
	}
	return &everySequence{ps, masks, rnn, nn.NewDropout("drop", 0.2, 9), nn.NewLinear(ps, "out", rnn.Width, 3, true)}, nil
}

func (m *everySequence) Params() *nn.Params { return m.params }

func (m *everySequence) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := b.Values("frames", phraseWidth), b.Lengths("frames", t.Shape.Steps)
	x = m.rnn.ForwardPacked(t, m.masks.Forward(t, x, lengths), lengths, nil)
	return m.out.Forward(t, m.drop.Forward(t, t.MeanOverTime("mean", x, lengths)))
}

// newPhrases makes rows of 1 to phraseSteps steps around a number of their class.
func newPhrases(name string) *source {
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, phraseWidth}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"low", "middle", "high"}},
	}}
	return &source{100, schema, "phrases 1 " + name, func(i int) (samples.Sample, error) {
		steps, class := 1+i*7%phraseSteps, i%3
		x := make([]float32, steps*phraseWidth)
		nn.Stream{Seed: uint64(len(name)), Step: uint64(i)}.Normal(x, 1)
		for j := range x {
			x[j] += float32(class - 1)
		}
		v := samples.Float32s(x)
		v.Shape = []int{steps, phraseWidth}
		return samples.Sample{v, samples.Class(class)}, nil
	}}
}

// everyState reads tales piece by piece and carries on what it remembers, in cells of this package and of its own.
type everyState struct {
	params *nn.Params
	stacks []*nn.Stack
	out    *nn.Linear
}

func newEveryState(noFields) (zoo.Model, error) {
	m := &everyState{params: nn.NewParams()}
	in := taleWidth
	for _, cell := range []string{"lstm", "minimal"} {
		stack, err := nn.NewStack(m.params, cell, cell, in, 8, 1, nn.StackOptions{})
		if err != nil {
			return nil, err
		}
		m.stacks, in = append(m.stacks, stack), stack.Width
	}
	m.out = nn.NewLinear(m.params, "out", in, 3, true)
	return m, nil
}

func (m *everyState) Params() *nn.Params { return m.params }

func (m *everyState) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := b.Values("frames", taleWidth), b.Lengths("frames", t.Shape.Steps)
	b.Begins("begins")
	for _, s := range m.stacks {
		x = s.ForwardPacked(t, x, lengths, b.States)
	}
	return m.out.Forward(t, t.Last("last", x, lengths))
}

// taleWidth is the numbers of a time step of a tale.
const taleWidth = 3

// newTales makes pieces of tales, one behind the other, each of 1 to 4 steps. What a tale is about is said in its first
// piece alone. With "endless" in its name nothing says where tales begin.
func newTales(name string) (samples.Source, error) {
	schema := samples.Schema{InOrder: true, Parts: []samples.Part{
		{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, taleWidth}},
		{Name: "begins", Element: samples.Uint8, Shape: []int{}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"love", "war", "whale"}},
	}}
	const pieces = 3 // of a tale
	return &source{62, schema, "tales 1 " + name, func(i int) (samples.Sample, error) {
		class, begins := i/pieces*7%3, i%pieces == 0
		steps := 1 + i*5%4
		x := make([]float32, steps*taleWidth)
		nn.Stream{Seed: uint64(len(name)), Step: uint64(i)}.Normal(x, 1)
		flag := []byte{0}
		if begins {
			x[class] += 3
			flag[0] = 1
		}
		if strings.Contains(name, "endless") {
			flag[0] = 0
		}
		v := samples.Float32s(x)
		v.Shape = []int{steps, taleWidth}
		return samples.Sample{v, {Shape: []int{}, Data: flag}, samples.Class(class)}, nil
	}}, nil
}
