package check

import (
	"errors"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// The zoo's models pass.
func TestZoo(t *testing.T) {
	text, images := nn.Shape{Steps: 5, Lanes: 4, Rows: 3}, nn.Shape{Steps: 1, Lanes: 4, Rows: 2}
	for name, c := range map[string]struct {
		kind   string
		config any
		shape  nn.Shape
	}{
		"lstm":        {"charlm", zoo.CharLM{Cell: "lstm", Vocab: 20, Hidden: 9, Layers: 2, Embed: 4, Dropout: 0.3}, text},
		"mlstm":       {"charlm", zoo.CharLM{Cell: "mlstm", Vocab: 20, Hidden: 9, Layers: 1, Embed: 4, WeightNorm: true}, text},
		"one lane":    {"charlm", zoo.CharLM{Cell: "gru", Vocab: 20, Hidden: 9, Layers: 1, Embed: 4}, nn.Shape{Steps: 2, Lanes: 1, Rows: 1}},
		"lenet5":      {"lenet5", zoo.Classifier{Classes: 5, Image: 28, Channels: 1}, images},
		"mobilenetv2": {"mobilenetv2", zoo.MobileNetV2{Scaled: zoo.Scaled{Classifier: zoo.Classifier{Classes: 5, Image: 32, Channels: 3}, Width: 1, Depth: 1}, Dropout: 0.2}, images},
		"resnet-small": {"resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 5, Image: 16, Channels: 3}, Blocks: 1, Width: 8,
			Dropout: 0.1, StochasticDepth: 0.2}, images},
		"scheme": {"scheme", zoo.Scheme{Layers: "[conv 4 > norm > relu > pool]*2 > fc 8 > gelu > dropout 0.5 > fc",
			Classes: 5, Height: 9, Width: 14, Channels: 2}, images},
		"fcn":            {"fcn", zoo.FCN{Classes: 3, Height: 9, Width: 14, Channels: 2, Filters: 3, Halvings: 2, Up: "bilinear"}, images},
		"fcn transposed": {"fcn", zoo.FCN{Classes: 3, Height: 9, Width: 14, Channels: 2, Filters: 3, Halvings: 2, Up: "transposed"}, images},
	} {
		t.Run(name, func(t *testing.T) { passes(t, c.kind, c.config, "", c.shape) })
	}
}

// passes runs a model of the zoo through all checks. It learns what its kind learns
// where learns is empty.
func passes(t *testing.T, kind string, config any, learns string, shape nn.Shape) {
	m, err := zoo.New(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	if learns == "" {
		info, _ := zoo.Lookup(kind)
		learns = info.Task
	}
	if err := Run(Model(m, task.Default(learns), shape)); err != nil {
		t.Error(err)
	}
}

// textModel is a model of text whose middle a test chooses.
type textModel struct {
	params  *nn.Params
	encoder *nn.Embedding
	decoder *nn.Linear
	middle  func(t *nn.Tape, x *nn.Node) *nn.Node
}

const vocab, width = 11, 6

// newTextModel registers the middle's parameters with build.
func newTextModel(build func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node) *textModel {
	ps := nn.NewParams()
	m := &textModel{params: ps, encoder: nn.NewEmbedding(ps, "encoder", vocab, width)}
	m.middle = build(ps)
	m.decoder = nn.NewLinear(ps, "decoder", width, vocab, true)
	return m
}

func (m *textModel) Params() *nn.Params { return m.params }
func (m *textModel) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.decoder.Forward(t, m.middle(t, m.encoder.Forward(t, b.Tokens("text", vocab))))
}

func textNetwork(m zoo.Model) *Network {
	return Model(&zoo.Network{Model: m}, task.Default(task.Next), textShape)
}

var textShape = nn.Shape{Steps: 4, Lanes: 4, Rows: 2}

// A batch norm over sequences, and rows that a model splits, pass.
func TestOwnModels(t *testing.T) {
	for name, build := range map[string]func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node{
		"batch norm": func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			norm := nn.NewBatchNorm(ps, "norm", width, nn.BatchNormOptions{})
			return func(t *nn.Tape, x *nn.Node) *nn.Node { return t.ReLU("relu", norm.Forward(t, x)) }
		},
		"split rows": func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			l, norm, drop := nn.NewLinear(ps, "half", width/2, width/2, true), nn.NewBatchNorm(ps, "norm", width/2, nn.BatchNormOptions{}), nn.NewDropout("drop", 0.3, 0)
			return func(t *nn.Tape, x *nn.Node) *nn.Node {
				halves := x.Layout
				halves.Rows *= 2
				y := reshape(t, "split", x, halves, width/2)
				y = drop.Forward(t, norm.Forward(t, l.Forward(t, y)))
				return reshape(t, "join", y, x.Layout, width)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Run(textNetwork(newTextModel(build))); err != nil {
				t.Error(err)
			}
		})
	}
}

// reshape is an operation that takes the same values for another matrix.
func reshape(t *nn.Tape, name string, x *nn.Node, l nn.Layout, cols int) *nn.Node {
	o := &own{x: x, y: t.Node(l, cols)}
	o.forward = func() { copy(o.y.Value().Data, o.x.Value().Data) }
	o.backward = func() { tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data) }
	t.Record(o, nn.Use{Name: name, Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
	return o.y
}

// own is an operation of a test's.
type own struct {
	x, y              *nn.Node
	forward, backward func()
}

func (o *own) Forward()  { o.forward() }
func (o *own) Backward() { o.backward() }

// middleOf is a text model with an operation of a test's own, which forms its
// gradients by adding dy to dx.
func middleOf(use nn.Use, change func(t *nn.Tape, o *own)) *textModel {
	return newTextModel(func(*nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
		return func(t *nn.Tape, x *nn.Node) *nn.Node {
			x = t.Tanh("tanh", x)
			o := &own{x: x, y: t.Node(x.Layout, x.Cols)}
			o.forward = func() { copy(o.y.Value().Data, o.x.Value().Data) }
			o.backward = func() { tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data) }
			change(t, o)
			u := use
			u.Name, u.Inputs, u.Outputs = "mine", []*nn.Node{x}, []*nn.Node{o.y}
			t.Record(o, u)
			return o.y
		}
	})
}

// What is wrong is found by the check for it, with the place.
func TestFaultsAreFound(t *testing.T) {
	for want, m := range map[string]*textModel{
		// The first row of the tape is in everybody's output.
		"lanes: step 1, lane 2: the loss is": middleOf(nn.Use{}, func(t *nn.Tape, o *own) {
			o.forward = func() {
				for r := range o.y.Rows {
					tensor.Add(o.y.Value().Row(r), o.x.Value().Row(r), o.x.Value().Row(0))
				}
			}
		}),
		"; the first to differ is the output of mine (step 0, lane 2)": middleOf(nn.Use{}, func(t *nn.Tape, o *own) {
			o.forward = func() {
				copy(o.y.Value().Data, o.x.Value().Data)
				if t.Shape.Lanes > 2 {
					o.y.Value().Row(2 * t.Shape.Rows)[3] += 0.5
				}
			}
		}),
		"lanes: step 0, lane 0: the norm of the gradient of encoder.weight is": middleOf(nn.Use{}, func(t *nn.Tape, o *own) {
			o.backward = func() { tensor.Axpy(o.x.Grad().Data, float32(t.Shape.Lanes), o.y.Grad().Data) }
		}),
		"threads: step 0, lane 0: the loss is": middleOf(nn.Use{}, func(t *nn.Tape, o *own) {
			o.forward = func() {
				tensor.Scale(o.y.Value().Data, o.x.Value().Data, float32(t.Pool().Size()))
			}
		}),
		"lanes: model.kind: network panics: nn: mine adds to the gradient of an input that it promised to set": middleOf(nn.Use{Sets: true}, func(*nn.Tape, *own) {}),
		"memory: step 0, lane 0: the norm of the gradient of encoder.weight is": middleOf(nn.Use{Sets: true}, func(_ *nn.Tape, o *own) {
			o.backward = func() {
				dx, _ := o.x.TakeGrad()
				tensor.Axpy(dx.Data, 1, o.y.Grad().Data)
			}
		}),
		"nn: mine takes 5": middleOf(nn.Use{}, func(t *nn.Tape, o *own) { panic("nn: mine takes 5") }),
		"lane 0: the loss is NaN, first of all mine": middleOf(nn.Use{}, func(t *nn.Tape, o *own) {
			o.forward = func() {
				tensor.Fill(o.y.Value().Data, 3e38)
				tensor.Add(o.y.Value().Data, o.y.Value().Data, o.y.Value().Data)
			}
		}),
	} {
		err := Run(textNetwork(m))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// A weight that one of two operations does not list is complete too early.
func TestReady(t *testing.T) {
	m := newTextModel(func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
		l := nn.NewLinear(ps, "l", width, width, false)
		return func(t *nn.Tape, x *nn.Node) *nn.Node {
			x = t.Tanh("tanh", x)
			o := &own{x: x, y: t.Node(x.Layout, x.Cols)}
			w := t.Param(l.Weight)
			o.forward = func() { copy(o.y.Value().Data, o.x.Value().Data) }
			o.backward = func() {
				tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data)
				w.Grad(0).Data[0]++
			}
			t.Record(o, nn.Use{Name: "mine", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
			return l.Forward(t, o.y)
		}
	})
	err := ready(textNetwork(m))
	if want := "the gradient of l.weight has norm"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// A panic of a network is an error with what it panicked with.
func TestPanicsAreErrors(t *testing.T) {
	err := Run(textNetwork(middleOf(nn.Use{}, func(*nn.Tape, *own) { _ = make([]int, 0)[vocab] })))
	if e, ok := errors.AsType[*zoo.PanicError](err); !ok || !strings.Contains(e.Error(), "index out of range [11]") {
		t.Errorf("error %v", err)
	}
}
