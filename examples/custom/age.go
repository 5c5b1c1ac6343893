package main

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// ageKind declares the kind.
var ageKind = zoo.Kind[Age]{
	About:    "a picture and numbers beside it, read by two branches, to quantiles of one number",
	Task:     "quantiles",
	Sample:   "picture",
	Defaults: Age{Channels: 8, Hidden: 32, Outputs: 3, Dropout: 0.1, Side: 0.3},
	New:      newAge,
}

// Age has the fields of the kind, as a run file's section model gives them.
type Age struct {
	Channels int     `field:"channels" allowed:"[1, 256]" about:"of the first convolution; the second has twice as many"`
	Hidden   int     `field:"hidden" allowed:"[1, 4096]" about:"width of the layer that joins the branches"`
	Outputs  int     `field:"outputs" allowed:"[1, 99]" about:"quantiles, as many as task.levels"`
	Dropout  float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the output"`
	Side     float64 `field:"side" allowed:"[0, 1]" about:"weight of the side head, which sees the picture alone"`
}

// ageNet, for B = L*R rows and C channels:
//
//	x    = pool(relu(norm1(conv1(image))))      [B*8*8, C]
//	x    = pool(relu(norm2(conv2(x))))          [B*4*4, 2C]
//	x    = flatten(x)                           [B, 32C]
//	side = head of x alone                      [B, outputs]
//	x    = concat(x, tanh(where(place)))        [B, 32C + 16]
//	y    = out(drop(relu(join(x))))             [B, outputs]
type ageNet struct {
	Age
	params         *nn.Params
	conv1, conv2   *nn.Conv2d
	norm1, norm2   *nn.BatchNorm
	where, sideOut *nn.Linear
	join, out      *nn.Linear
	drop           *nn.Dropout
}

// placeWidth is the width of the branch that reads the place.
const placeWidth = 16

func newAge(c Age) (zoo.Model, error) {
	if c.Outputs%2 == 0 {
		return nil, fmt.Errorf("model.outputs: %d has no middle; take an odd number", c.Outputs)
	}
	ps := nn.NewParams()
	conv := func(name string, in, out int) *nn.Conv2d {
		return nn.NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: out, KH: 3, KW: 3, PadH: 1, PadW: 1}, false, nil)
	}
	flat := 2 * c.Channels * (side / 4) * (side / 4)
	return &ageNet{
		Age: c, params: ps,
		conv1:   conv("conv1", 1, c.Channels),
		norm1:   nn.NewBatchNorm(ps, "norm1", c.Channels, nn.BatchNormOptions{}),
		conv2:   conv("conv2", c.Channels, 2*c.Channels),
		norm2:   nn.NewBatchNorm(ps, "norm2", 2*c.Channels, nn.BatchNormOptions{}),
		sideOut: nn.NewLinear(ps, "side", flat, c.Outputs, true),
		where:   nn.NewLinear(ps, "where", 2, placeWidth, true),
		join:    nn.NewLinear(ps, "join", flat+placeWidth, c.Hidden, true),
		out:     nn.NewLinear(ps, "out", c.Hidden, c.Outputs, true),
		drop:    nn.NewDropout("drop", float32(c.Dropout), 0),
	}, nil
}

func (m *ageNet) Params() *nn.Params { return m.params }

func (m *ageNet) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	half := tensor.PoolShape{KH: 2, KW: 2}
	x := b.Images("image", side, side, 1)
	x = t.MaxPool("pool1", t.ReLU("relu1", m.norm1.Forward(t, m.conv1.Forward(t, x))), half)
	x = t.MaxPool("pool2", t.ReLU("relu2", m.norm2.Forward(t, m.conv2.Forward(t, x))), half)
	x = t.Flatten("flatten", x)
	b.Auxiliary("side", m.sideOut.Forward(t, x), float32(m.Side))

	place := t.Tanh("tanh", m.where.Forward(t, b.Vectors("place", 2)))
	x = t.ReLU("relu3", m.join.Forward(t, t.Concat("both", x, place)))
	return m.out.Forward(t, m.drop.Forward(t, x))
}
