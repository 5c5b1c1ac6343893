package check

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// find runs one check by its name.
func find(t *testing.T, name string, m zoo.Model) (string, error) {
	t.Helper()
	for _, c := range Checks() {
		if c.Name == name {
			return c.Run(textNetwork(m))
		}
	}
	t.Fatalf("there is no check %s", name)
	return "", nil
}

// Each mistake of a network has its error, and a network without it passes.
func TestMistakes(t *testing.T) {
	same := func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
		l := nn.NewLinear(ps, "middle", width, width, true)
		return func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Tanh("tanh", l.Forward(t, x)) }
	}
	for _, c := range []struct {
		check, want string
		build       func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node
	}{
		{"gradients", "lonely.weight, lonely.bias: the gradient is zero in all of 3 steps", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			nn.NewLinear(ps, "lonely", 3, 3, true)
			return same(ps)
		}},
		{"start", "the first weights are too large", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Scale("large", x, 1e4) }
		}},
		{"rows", "the output of row 1 changes with what row 0 reads", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node {
				o := &own{x: x, y: t.Node(x.Layout, x.Cols)}
				o.forward = func() {
					for r := range x.Rows {
						tensor.Add(o.y.Value().Row(r), x.Value().Row(r), x.Value().Row(r/textShape.Rows*textShape.Rows))
					}
				}
				o.backward = func() {}
				t.Record(o, nn.Use{Name: "leak", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
				return o.y
			}
		}},
		{"rows", "the network looks ahead", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			rnn, err := nn.NewStack(ps, "rnn", "gru", width, width/2, 1, nn.StackOptions{Bidirectional: true})
			if err != nil {
				t.Fatal(err)
			}
			return func(t *nn.Tape, x *nn.Node) *nn.Node { return rnn.ForwardPacked(t, x, nil, nil) }
		}},
		{"rows", "does not depend on what it reads", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Scale("none", x, 0) }
		}},
		{"overfit", "does not learn even one batch by heart", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Scale("none", x, 0) }
		}},
		{"modes", "training and inference give other outputs", func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node {
				if t.Mode == nn.Training {
					return t.Scale("scale", x, 2)
				}
				return t.Scale("scale", x, 1)
			}
		}},
	} {
		_, err := find(t, c.check, newTextModel(c.build))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.check, err, c.want)
		}
		if found, err := find(t, c.check, newTextModel(same)); err != nil || found == "" {
			t.Errorf("%s of a sound network: %q, %v", c.check, found, err)
		}
	}
}

// A row that sees the one behind it is found, also where each lane has one.
func TestLeaksFromBehind(t *testing.T) {
	for want, shape := range map[string]nn.Shape{
		"the output of row 1 changes with what row 2 reads": {Steps: 4, Lanes: 4, Rows: 3},
		"the output of row 0 changes with what row 1 reads": {Steps: 4, Lanes: 4, Rows: 1},
	} {
		m := newTextModel(func(*nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return func(t *nn.Tape, x *nn.Node) *nn.Node {
				o, rows := &own{x: x, y: t.Node(x.Layout, x.Cols)}, x.Layout.Lanes*x.Layout.Rows
				o.forward = func() {
					for r := range x.Rows {
						behind := r
						if r%rows < rows-1 {
							behind++
						}
						tensor.Add(o.y.Value().Row(r), x.Value().Row(r), x.Value().Row(behind))
					}
				}
				o.backward = func() {}
				t.Record(o, nn.Use{Name: "leak", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
				return o.y
			}
		})
		_, err := leaks(Model(&zoo.Network{Model: m, Kind: "own"}, task.Default(task.Next), shape))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", shape, err, want)
		}
	}
}

// A layer that is registered elsewhere, a softmax before the loss and shapes that do not fit have errors of their own.
func TestMistakesOfRecording(t *testing.T) {
	elsewhere := nn.NewLinear(nn.NewParams(), "elsewhere", width, width, true)
	for want, build := range map[string]func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node{
		"elsewhere.weight is no parameter of this network": func(*nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node { return elsewhere.Forward },
		"narrow takes 3 features, got 6": func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			return nn.NewLinear(ps, "narrow", 3, width, true).Forward
		},
	} {
		m := newTextModel(build)
		if err := Run(textNetwork(m)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	ps := nn.NewParams()
	soft := &ownModel{ps, nil}
	embed, head := nn.NewEmbedding(ps, "embed", vocab, width), nn.NewLinear(ps, "head", width, vocab, true)
	soft.forward = func(t *nn.Tape, b *nn.Batch) *nn.Node {
		return t.Softmax("probabilities", head.Forward(t, embed.Forward(t, b.Tokens("text", vocab))))
	}
	err := Run(Model(&zoo.Network{Model: soft, Kind: "soft"}, task.Default(task.Next), textShape))
	if want := "probabilities"; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "softmax") {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
