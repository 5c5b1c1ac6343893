package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Maxima is where a [Tape.MaxPool] found its maxima.
type Maxima struct{ of *maxPool }

// MaxPoolMaxima is [Tape.MaxPool], and where its maxima are, for [Tape.MaxUnpool].
func (t *Tape) MaxPoolMaxima(name string, x *Node, s tensor.PoolShape) (*Node, *Maxima) {
	y := t.MaxPool(name, x, s)
	return y, &Maxima{t.producerOf(y).(*maxPool)}
}

// MaxUnpool records images of the size that the pooling of m has read: every value
// of x is where a maximum was, and all else is zero, as torch.nn.MaxUnpool2d with
// an output size. Where windows overlap, the last of several values for a pixel is
// there. It panics unless x has the shape of the maxima.
func (t *Tape) MaxUnpool(name string, x *Node, m *Maxima) *Node {
	p := m.of
	if p.x.tape != t || x.Layout != p.y.Layout || x.Cols != p.y.Cols {
		panic(fmt.Sprintf("nn: %s takes one value for each maximum, %v, got %v", name, p.y, x))
	}
	op := &unpool{maxima: p, x: x, y: t.like(p.x)}
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{p.at}, Sets: true})
	return op.y
}

type unpool struct {
	maxima *maxPool
	x, y   *Node
}

func (o *unpool) Forward() {
	m := o.maxima
	m.pool.MaxUnpool(o.y.Value(), o.x.Value(), m.taps(), m.shape)
}

func (o *unpool) Backward() {
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		m := o.maxima
		m.pool.MaxUnpoolBack(dx, o.y.Grad(), m.taps(), m.shape, fresh)
	}
}
