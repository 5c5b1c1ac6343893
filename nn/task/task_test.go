package task_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/check"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// plain is a linear layer behind a part of the data: rows of numbers, or images.
type plain struct {
	params *nn.Params
	l      *nn.Linear
	read   func(b *nn.Batch) *nn.Node
}

const width, classes = 5, 4

func newPlain(read func(b *nn.Batch) *nn.Node) *zoo.Network {
	ps := nn.NewParams()
	return &zoo.Network{Model: &plain{ps, nn.NewLinear(ps, "fc", width, classes, true), read}, Kind: "plain"}
}

func (m *plain) Params() *nn.Params { return m.params }
func (m *plain) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	out := m.l.Forward(t, m.read(b))
	b.Auxiliary("side", t.Tanh("tanh", out), 0.3)
	return out
}

var (
	vectors = func(b *nn.Batch) *nn.Node { return b.Vectors("x", width) }
	images  = func(b *nn.Batch) *nn.Node { return b.Images("image", 3, 2, width) }
	steps   = func(b *nn.Batch) *nn.Node {
		x := b.Values("x", width)
		b.OutputLengths = b.Lengths("x", b.Tape().Shape.Steps)
		return x
	}
)

var each = []struct {
	task string
	read func(b *nn.Batch) *nn.Node
}{
	{task.Class, vectors},
	{task.Class, steps},
	{task.Labels, vectors},
	{task.Pixels, images},
	{task.Regression, vectors},
	{task.Transcript, steps},
}

// Every task keeps the promises of networks: lanes, threads, memory, with a second output beside the first.
func TestBits(t *testing.T) {
	for _, c := range each {
		t.Run(c.task, func(t *testing.T) {
			m := newPlain(c.read)
			if err := check.Run(check.Model(m, task.Default(c.task), nn.Shape{Steps: 7, Lanes: 4, Rows: 2})); err != nil {
				t.Error(err)
			}
		})
	}
}

// What two halves of the lanes have counted comes to what all have.
func TestFiguresOfLanes(t *testing.T) {
	const lanes, rows = 4, 3
	for _, c := range each {
		m := newPlain(c.read)
		m.Params().Allocate()
		m.Params().Initialize(3)
		pool := tensor.NewPool(2)
		defer pool.Close()
		shape := nn.Shape{Steps: 7, Lanes: lanes, Rows: rows}
		n := check.Model(m, task.Default(c.task), shape)
		count := func(own int) []task.Figure {
			s := shape
			s.Lanes = own
			tape := nn.NewTape(m.Params(), pool, s, nn.Inference, 1)
			r, fill := n.Record(tape, nil)
			tape.Keep(r.Out)
			tape.Plan()
			whole := r.Scorer.Measures(rows, lanes)
			for first := 0; first < lanes; first += own {
				if err := fill(0, first); err != nil {
					t.Fatal(err)
				}
				tape.Begin(0, first, 0)
				tape.Forward()
				var counted [][]measure.Measure
				for range own {
					counted = append(counted, r.Scorer.Measures(rows, 1))
				}
				r.Scorer.Score(counted)
				for _, lane := range counted {
					for i, m := range lane {
						whole[i].Merge(m.Vector())
					}
				}
			}
			return r.Scorer.Figures(whole)
		}
		all, halves := count(lanes), count(2)
		if len(all) == 0 {
			t.Errorf("%s: no figures", c.task)
		}
		for i, f := range all {
			if f != halves[i] || f.Name == "" || math.IsNaN(f.Value) {
				t.Errorf("%s: %+v of all lanes together, %+v of halves", c.task, f, halves[i])
			}
		}
	}
}
