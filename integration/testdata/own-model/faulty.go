package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// A kind that hangs for ever, or kills its process, in the midst of a pass, where the environment says so: "hangs forward 20".
func init() {
	zoo.Register("faulty", zoo.Kind[ResidualText]{Task: task.Next, Sequences: true, Defaults: ResidualText{Hidden: 128, Cell: "gru", Vocab: 256},
		New: newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node {
			op := &faulty{fuse: fuse{x: x, y: t.Node(x.Layout, x.Cols)}}
			if words := strings.Fields(os.Getenv("OWN_MODEL_FAULT")); len(words) == 3 {
				op.fault, op.pass = words[0], words[1]
				op.left, _ = strconv.Atoi(words[2])
			}
			t.Record(op, nn.Use{Name: "faulty", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{op.y}})
			return op.y
		})})
}

// faulty is a fuse that says nothing.
type faulty struct {
	fuse
	fault, pass string
}

func (o *faulty) burn(pass string) {
	if o.pass != pass {
		return
	}
	if o.left--; o.left != 0 {
		return
	}
	if o.fault == "kills" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	select {}
}

func (o *faulty) Forward() {
	o.burn("forward")
	copy(o.y.Value().Data, o.x.Value().Data)
}

func (o *faulty) Backward() {
	o.burn("backward")
	o.fuse.Backward()
}
