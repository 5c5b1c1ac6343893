package check

import (
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Norms over the whole batch pass.
func TestSyncNorms(t *testing.T) {
	m, err := zoo.New("resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 5, Image: 8, Channels: 3}, Blocks: 1, Width: 4,
		Dropout: 0.1, StochasticDepth: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	n := Model(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 5, Rows: 1})
	n.SyncNorms = true
	if err := Run(n); err != nil {
		t.Error(err)
	}
}

// They pass also where a lane has one value of a channel, which those of each lane refuse.
func TestSyncNormsOfOneValue(t *testing.T) {
	n := Model(&zoo.Network{Model: newTextModel(func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
		return nn.NewBatchNorm(ps, "norm", width, nn.BatchNormOptions{}).Forward
	})}, task.Default(task.Next), nn.Shape{Steps: 1, Lanes: 4, Rows: 1})
	if err := Run(n); err == nil || !strings.Contains(err.Error(), "norm has one value of each channel in a lane") {
		t.Errorf("of each lane: %v", err)
	}
	n.SyncNorms = true
	if err := Run(n); err != nil {
		t.Error(err)
	}
}

// Faults are found with their lane, and none is a hang.
func TestSyncNormsFaults(t *testing.T) {
	for want, change := range map[string]func(t *nn.Tape, o *own){
		"; the first to differ is the output of mine (step 0, lane 2)": func(t *nn.Tape, o *own) {
			o.forward = func() {
				copy(o.y.Value().Data, o.x.Value().Data)
				if t.Shape.Lanes > 2 {
					o.y.Value().Row(2 * t.Shape.Rows)[3] += 0.5
				}
			}
		},
		"the loss is NaN, first of all mine": func(t *nn.Tape, o *own) {
			o.forward = func() { tensor.Fill(o.y.Value().Data, float32(math.NaN())) }
		},
		"nn: mine takes 5": func(t *nn.Tape, o *own) {
			o.forward = func() { panic("nn: mine takes 5") }
		},
	} {
		n := textNetwork(newTextModel(func(ps *nn.Params) func(t *nn.Tape, x *nn.Node) *nn.Node {
			norm := nn.NewBatchNorm(ps, "norm", width, nn.BatchNormOptions{})
			return func(t *nn.Tape, x *nn.Node) *nn.Node {
				o := &own{x: x, y: t.Node(x.Layout, x.Cols)}
				o.backward = func() { tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data) }
				change(t, o)
				t.Record(o, nn.Use{Name: "mine", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
				return norm.Forward(t, o.y)
			}
		}))
		n.SyncNorms = true
		if err := Run(n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
