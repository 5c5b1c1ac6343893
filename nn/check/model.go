package check

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Model is a model of the zoo as a network, on batches that are made up: its
// symbols lie in [0, Config().Vocab), its pixels in [-1, 1), its targets in what
// the logits have room for.
func Model(m zoo.Model, shape nn.Shape) *Network {
	return &Network{Kind: m.Config().Kind, Params: m.Params(), Shape: shape, Seed: 1, Record: func(t *nn.Tape, states *nn.States) (*nn.Loss, Fill) {
		r := zoo.Record(m, t, states)
		return r.Loss, func(step, lane int) error {
			if r.Tokens != nil {
				return makeTokens(r, m.Config().Vocab, shape, t.Shape, step, lane)
			}
			makeImages(r, shape, step, lane)
			return nil
		}
	}}
}

// useMade keeps the streams of made-up batches apart from others.
const useMade = 1 << 16

// makeTokens fills text. One target in eight is missing.
func makeTokens(r *zoo.Recording, vocab int, batch, own nn.Shape, step, lane int) error {
	if vocab < 1 {
		return fmt.Errorf("the model's Config has vocab %d; Config must return what the model was made from", vocab)
	}
	layout := own.Layout()
	for i := range r.Tokens.Input {
		at, l, row := i/(own.Lanes*own.Rows), i/own.Rows%own.Lanes, i%own.Rows
		s := nn.Stream{Use: useMade, Step: uint64(step), Lane: uint32(lane + l), Site: uint32(at*layout.Rows + row)}
		r.Tokens.Input[i] = int32(s.Float(0) * float32(vocab))
		r.Tokens.Target[i] = target(s, r.Logits.Cols)
	}
	r.Tokens.Count = batch.Total()
	return nil
}

// makeImages fills images and their classes.
func makeImages(r *zoo.Recording, batch nn.Shape, step, lane int) {
	rows := batch.Rows
	for i := range r.Images.Target {
		s := nn.Stream{Use: useMade, Step: uint64(step), Lane: uint32(lane + i/rows), Site: uint32(i % rows)}
		s.Uniform(r.Images.Image(i), -1, 1)
		s.Use++
		r.Images.Target[i] = target(s, r.Logits.Cols)
	}
	r.Images.Count = batch.Total()
}

func target(s nn.Stream, classes int) int32 {
	if s.Float(1) < 1.0/8 {
		return -1
	}
	return int32(s.Float(2) * float32(classes))
}
