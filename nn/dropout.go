package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Dropout sets features to zero with probability Rate and scales the others by
// 1/(1-Rate) while training ("inverted" dropout, Srivastava et al. 2014). For
// inference, and with rate 0, it records nothing.
//
// Whether feature f of row r at step t of a lane is dropped is number
// (t*R + r)*F + f of the stream (seed, optimizer step, lane, Site): it does not
// depend on which other lanes are at hand. Of images, r counts pixels. Where whole
// channels or rows are dropped, r counts rows of the lane, and F is 1 for rows.
type Dropout struct {
	Name string
	Rate float32
	Site uint32 // unlike any other dropout of the model
	Of   DropoutUnit

	// Classic leaves alone what is kept while training and multiplies all by 1-Rate for inference, as Hinton et al.
	// (2012) did: the same in expectation.
	Classic bool

	// Alpha keeps the mean of 0 and the variance of 1 that features of networks with SELU have: what is dropped becomes
	// the value that SELU has far below zero, and all is then scaled and shifted. It is of Elements alone.
	Alpha bool

	// Always drops for inference too, by the step that [Tape.Begin] names: the mean over several steps is that of the
	// networks that masks make (Monte-Carlo dropout, Gal and Ghahramani, 2016).
	Always bool
}

// DropoutUnit is what is dropped as a whole.
type DropoutUnit uint8

// The units.
const (
	Elements DropoutUnit = iota // every feature by itself
	Channels                    // all pixels of a channel of an image
	Rows                        // all of a row, or of an image
)

// NewDropout returns a dropout of rate in [0, 1). It panics outside of that.
func NewDropout(name string, rate float32, site uint32) *Dropout {
	if !(rate >= 0 && rate < 1) {
		panic(fmt.Sprintf("nn: %s has rate %v; a rate in [0, 1) is allowed", name, rate))
	}
	return &Dropout{Name: name, Rate: rate, Site: site}
}

// NewAlphaDropout is torch.nn.AlphaDropout (Klambauer et al., 2017), for networks with [Tape.SELU].
func NewAlphaDropout(name string, rate float32, site uint32) *Dropout {
	d := NewDropout(name, rate, site)
	d.Alpha = true
	return d
}

// NewDropout2d drops whole channels of images: torch.nn.Dropout2d (Tompson et al.,
// 2015).
func NewDropout2d(name string, rate float32, site uint32) *Dropout {
	d := NewDropout(name, rate, site)
	d.Of = Channels
	return d
}

// NewStochasticDepth drops the whole branch that it ends, for each row or image by
// itself (Huang et al., 2016): torchvision.ops.StochasticDepth of mode "row". Its
// mode "batch", one draw for all rows of a step, is not offered: rows would depend
// on what they are batched with.
func NewStochasticDepth(name string, rate float32, site uint32) *Dropout {
	d := NewDropout(name, rate, site)
	d.Of = Rows
	return d
}

// Forward records y of x's shape. It panics when channels are to be dropped of what
// is no images, and when Alpha is to be of units or classic.
func (d *Dropout) Forward(t *Tape, x *Node) *Node {
	if d.Alpha && (d.Of != Elements || d.Classic) {
		panic(fmt.Sprintf("nn: %s is an alpha dropout: of elements, scaled while training", d.Name))
	}
	if d.Of == Channels && !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s drops channels of images, got %v", d.Name, x))
	}
	drops := t.learns() || d.Always
	switch {
	case d.Rate == 0 || !drops && !d.Classic:
		return x
	case !drops:
		return t.Scale(d.Name, x, 1-d.Rate)
	case d.Of != Elements:
		return d.units(t, x)
	}
	op := &dropout{Dropout: d, tape: t, x: x, y: t.like(x), mask: t.Buffer(x.Rows * x.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: d.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.mask}, Sets: true, Strided: true})
	return op.y
}

// scale multiplies what is kept.
func (d *Dropout) scale() float32 {
	switch {
	case d.Classic:
		return 1
	case d.Alpha:
		scale, _, _ := d.alpha()
		return scale
	}
	return 1 / (1 - d.Rate)
}

// lowest is what SELU comes to far below zero.
const lowest = -seluScale * seluAlpha

// alpha is what an alpha dropout makes of features:
//
//	scale·x + kept    of one that is kept, where scale = ((1-Rate)·(1 + Rate·lowest²))^-½ and kept = -scale·Rate·lowest
//	dropped           of one that is dropped: scale·lowest + kept
func (d *Dropout) alpha() (scale, kept, dropped float32) {
	rate := float64(d.Rate)
	a := 1 / math.Sqrt((1-rate)*(1+rate*lowest*lowest))
	return float32(a), float32(-a * rate * lowest), float32(a*lowest - a*rate*lowest)
}

// shift adds to what the mask made of features that were kept, and fills in those that were dropped.
func (d *Dropout) shift(y, mask tensor.Matrix) {
	_, kept, dropped := d.alpha()
	for r := range y.Rows {
		for i, m := range mask.Row(r) {
			if m == 0 {
				y.Row(r)[i] = dropped
			} else {
				y.Row(r)[i] += kept
			}
		}
	}
}

type dropout struct {
	*Dropout
	tape *Tape
	x, y *Node
	mask *Buffer // [rows, F]: 0 or scale

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int)
}

func (o *dropout) Forward() { o.tape.pool.For(o.x.Rows, 16, o.forward) }

// forwardRows draws masks of some rows of a lane at a time: their numbers follow one
// another.
func (o *dropout) forwardRows(lo, hi int) {
	x, y, n := o.x.Value(), o.y.Value(), o.x.Cols
	layout, some, scale := o.x.Layout, max(1, inCache/o.x.Cols), o.scale()
	for lo < hi {
		step, lane, at := layout.Place(lo)
		end := min(hi, lo+some, lo+layout.LaneRows()-at)
		at += step * layout.LaneRows()
		mask := tensor.Of(o.mask.Data[lo*n:end*n], end-lo, n)
		o.tape.Stream(o.Site, lane).From(mask.Data, uint64(at)*uint64(n))
		tensor.DropMask(mask.Data, mask.Data, o.Rate, scale)
		runs(tensor.Mul, y.Slice(lo, end), x.Slice(lo, end), mask)
		if o.Alpha {
			o.shift(y.Slice(lo, end), mask)
		}
		lo = end
	}
}

func (o *dropout) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.tape.pool.For(o.x.Rows, 16, o.backward)
	}
}

func (o *dropout) backwardRows(lo, hi int) {
	dy, n := o.y.Grad(), o.x.Cols
	for some := max(1, inCache/n); lo < hi; lo += some {
		end := min(hi, lo+some)
		dx, mask := o.dx.Slice(lo, end), tensor.Of(o.mask.Data[lo*n:end*n], end-lo, n)
		if o.fresh { // and added to, for a zero has no sign then
			clearRows(dx)
		}
		runs(tensor.AddMul, dx, dy.Slice(lo, end), mask)
	}
}

func clearRows(m tensor.Matrix) {
	for r := range m.Rows {
		clear(m.Row(r))
	}
}
