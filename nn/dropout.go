package nn

import "fmt"

// Dropout sets features to zero with probability Rate and scales the others by
// 1/(1-Rate) while training ("inverted" dropout, Srivastava et al. 2014). For
// inference, and with rate 0, it records nothing.
//
// Whether feature f of row r at step t of a lane is dropped is number
// (t*R + r)*F + f of the stream (seed, optimizer step, lane, Site): it does not
// depend on which other lanes are at hand. Of images, r counts pixels.
type Dropout struct {
	Name string
	Rate float32
	Site uint32 // unlike any other dropout of the model
}

// NewDropout returns a dropout of rate in [0, 1). It panics outside of that.
func NewDropout(name string, rate float32, site uint32) *Dropout {
	if !(rate >= 0 && rate < 1) {
		panic(fmt.Sprintf("nn: %s has rate %v; a rate in [0, 1) is allowed", name, rate))
	}
	return &Dropout{Name: name, Rate: rate, Site: site}
}

// Forward records y of x's shape.
func (d *Dropout) Forward(t *Tape, x *Node) *Node {
	if d.Rate == 0 || t.Mode == Inference {
		return x
	}
	op := &dropout{Dropout: d, tape: t, x: x, y: t.like(x), mask: t.Buffer(x.Rows * x.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: d.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.mask}, Strided: true})
	return op.y
}

type dropout struct {
	*Dropout
	tape *Tape
	x, y *Node
	mask *Buffer // [rows, F]: 0 or 1/(1-Rate)

	forward, backward func(lo, hi int)
}

func (o *dropout) Forward() { o.tape.pool.For(o.x.Rows, 16, o.forward) }

func (o *dropout) forwardRows(lo, hi int) {
	x, y, n := o.x.Value(), o.y.Value(), o.x.Cols
	layout := o.x.Layout
	scale := 1 / (1 - o.Rate)
	for row := lo; row < hi; row++ {
		step, lane, at := layout.Place(row)
		at += step * layout.LaneRows()
		mask := o.mask.Data[row*n : (row+1)*n]
		o.tape.Stream(o.Site, lane).From(mask, uint64(at)*uint64(n))
		xr, yr := x.Row(row), y.Row(row)
		for j, u := range mask {
			mask[j] = 0
			if u >= o.Rate {
				mask[j] = scale
			}
			yr[j] = xr[j] * mask[j]
		}
	}
}

func (o *dropout) Backward() {
	if o.x.NeedsGrad() {
		o.tape.pool.For(o.x.Rows, 16, o.backward)
	}
}

func (o *dropout) backwardRows(lo, hi int) {
	dx, dy, n := o.x.Grad(), o.y.Grad(), o.x.Cols
	for row := lo; row < hi; row++ {
		mask, dxr, dyr := o.mask.Data[row*n:(row+1)*n], dx.Row(row), dy.Row(row)
		for j, m := range mask {
			dxr[j] += float32(m * dyr[j])
		}
	}
}
