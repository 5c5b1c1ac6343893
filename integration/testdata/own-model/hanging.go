package main

import (
	"os"
	"strconv"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// A kind that hangs for ever in its forward pass, where the environment says at which.
func init() {
	zoo.Register("hanging", zoo.Kind[ResidualText]{Task: task.Next, Sequences: true, Defaults: ResidualText{Hidden: 128, Cell: "gru", Vocab: 256},
		New: newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node {
			op := &hanging{fuse{x: x, y: t.Node(x.Layout, x.Cols)}}
			op.left, _ = strconv.Atoi(os.Getenv("OWN_MODEL_HANGS_AT"))
			t.Record(op, nn.Use{Name: "hanging", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{op.y}})
			return op.y
		})})
}

// hanging is a fuse that says nothing.
type hanging struct{ fuse }

func (o *hanging) Forward() {
	if o.left--; o.left == 0 {
		select {}
	}
	copy(o.y.Value().Data, o.x.Value().Data)
}
