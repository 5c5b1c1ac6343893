package check

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Model is a model of the zoo as a network that learns a task, on batches that are
// made up: symbols lie in the vocabulary, pixels and other values in [-1, 1), targets
// among the classes.
func Model(m *zoo.Network, learns task.Task, shape nn.Shape) *Network {
	return &Network{Kind: m.Kind, Params: m.Params(), Shape: shape, Seed: 1, Record: func(t *nn.Tape, states *nn.States) (*zoo.Recording, Fill) {
		r := zoo.Record(m, learns, t, states)
		return r, func(step, lane int) error {
			for site, p := range r.Parts() {
				if err := makeUp(p, place{step: step, lane: lane, site: site, own: t.Shape, all: shape, lengths: r.OutputLengths}); err != nil {
					return err
				}
			}
			return nil
		}
	}}
}

// useMade keeps the streams of made-up batches apart from others.
const useMade = 1 << 16

// place is where a part is made up: its number among the batch's parts, for the tape's lanes, the first of which is
// number lane, of a batch that has more.
type place struct {
	step, lane, site int
	own, all         nn.Shape
	lengths          *nn.Lengths // of the output, which were filled before; or nil
}

// stream is that of a row, at a step of time, of the part.
func (p place) stream(l nn.Layout, row int) nn.Stream {
	at, lane, own := l.Place(row)
	return nn.Stream{Use: useMade + uint32(p.site), Step: uint64(p.step), Lane: uint32(p.lane + lane), Site: uint32(at*l.LaneRows() + own)}
}

// makeUp fills a part.
func makeUp(part nn.Part, at place) error {
	switch p := part.Holds.(type) {
	case *nn.Tokens:
		l := at.own.Layout()
		for i := range p.Input {
			p.Input[i] = int32(at.stream(l, i).Float(0) * float32(p.Vocab))
		}
	case *nn.Images:
		for i := range at.own.Total() {
			at.stream(at.own.Layout(), i).Uniform(p.Image(i), -1, 1)
		}
	case *nn.Values:
		for i := range p.Layout.Total() {
			at.stream(p.Layout, i).Uniform(p.Matrix().Row(i), -1, 1)
		}
	case *nn.Targets:
		makeTargets(p, at)
	case *nn.TargetValues:
		makeTargetValues(p, at)
	case *nn.Transcripts:
		makeTranscripts(p, at)
	case *nn.Lengths:
		for i := range p.Of {
			p.Of[i] = int32(at.stream(at.own.Once(), i).Float(0) * float32(p.Steps+1))
		}
	case *nn.Begins:
		for i := range p.Of {
			p.Of[i] = at.stream(at.own.Once(), i).Float(0) < 1.0/4
		}
	default:
		return fmt.Errorf("the part %s is a %T, which nobody can make up", part.Name, part.Holds)
	}
	return nil
}

// makeTargets fills targets. One in eight is missing.
func makeTargets(p *nn.Targets, at place) {
	for i := range p.Target {
		s := at.stream(p.Layout, i)
		p.Target[i] = int32(s.Float(2) * float32(p.Classes))
		if s.Float(1) < 1.0/8 {
			p.Target[i] = -1
		}
	}
	p.Count = p.Layout.Total() / at.own.Lanes * at.all.Lanes
}

// makeTargetValues fills numbers. One row in eight has none.
func makeTargetValues(p *nn.TargetValues, at place) {
	low, high := p.Low, p.High
	if low == high {
		low, high = -1, 1
	}
	for i := range p.Absent {
		s := at.stream(p.Layout, i)
		s.Uniform(p.Row(i), low, high)
		s.Use += 1 << 8
		p.Absent[i] = s.Float(0) < 1.0/8
	}
	p.Count = p.Layout.Total() / at.own.Lanes * at.all.Lanes
}

// makeTranscripts fills short transcripts, which have a path through most lengths.
func makeTranscripts(p *nn.Transcripts, at place) {
	for i := range p.Length {
		s := at.stream(at.own.Once(), i)
		symbols := make([]int32, min(p.Most, 2))
		for k := range symbols {
			symbols[k] = 1 + int32(s.Float(uint32(k))*float32(p.Symbols-1))
		}
		symbols = symbols[:int(s.Float(9)*float32(len(symbols)+1))]
		if at.lengths != nil && nn.StepsOf(symbols) > int(at.lengths.Of[i]) {
			symbols = nil // more than can be read from the row
		}
		_ = p.Set(i, symbols) // they fit
	}
	p.Count = len(p.Length) / at.own.Lanes * at.all.Lanes
}
