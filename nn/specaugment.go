package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// SpecAugmentOptions say how much of a spectrogram is masked.
type SpecAugmentOptions struct {
	BandMasks, BandWidth int     // masks over bands, at most 8, of 0 to BandWidth neighbouring ones each
	TimeMasks, TimeWidth int     // masks over time, at most 8, of 0 to TimeWidth steps each
	TimeShare            float64 // of a row's steps that one mask may cover at most, in (0, 1]; 0 stands for 1
}

// SpecAugment masks bands and stretches of time of spectrograms while training
// (Park et al. 2019, without their warping): the width of each mask is uniform,
// and so is its place. For inference it records nothing. Masked values are 0, so
// it follows what gives its input a mean of 0.
//
// The masks of row r of a lane are made of numbers from 32·r on of the stream (seed,
// optimizer step, lane, Site): they do not depend on which other lanes are at hand.
type SpecAugment struct {
	Name    string
	Options SpecAugmentOptions
	Site    uint32 // unlike that of any other dropout of the model
}

// maxMasks is how many masks of a kind there may be.
const maxMasks = 8

// NewSpecAugment returns the layer, or an error that says what is wrong with the
// options.
func NewSpecAugment(name string, o SpecAugmentOptions, site uint32) (*SpecAugment, error) {
	if o.TimeShare == 0 {
		o.TimeShare = 1
	}
	switch {
	case min(o.BandMasks, o.TimeMasks) < 0 || max(o.BandMasks, o.TimeMasks) > maxMasks:
		return nil, fmt.Errorf("nn: %s: %d masks over bands and %d over time; use 0 to %d", name, o.BandMasks, o.TimeMasks, maxMasks)
	case min(o.BandWidth, o.TimeWidth) < 0:
		return nil, fmt.Errorf("nn: %s: masks of %d bands and %d steps; use 0 or more", name, o.BandWidth, o.TimeWidth)
	case !(o.TimeShare > 0 && o.TimeShare <= 1):
		return nil, fmt.Errorf("nn: %s: masks over a share of %v of the time; use one in (0, 1]", name, o.TimeShare)
	}
	return &SpecAugment{Name: name, Options: o, Site: site}, nil
}

// Forward records y of x's shape [T*L*R, bands]. Masks over time lie within each
// row's length; nil lengths stand for all T steps.
func (s *SpecAugment) Forward(t *Tape, x *Node, lengths *Lengths) *Node {
	lengths.fit(s.Name, x.Layout)
	if x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes rows of bands, got images (%v)", s.Name, x))
	}
	if !t.learns() {
		return x
	}
	op := &specAugment{SpecAugment: s, tape: t, x: x, y: t.like(x), lengths: lengths}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: s.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type specAugment struct {
	*SpecAugment
	tape    *Tape
	x, y    *Node
	lengths *Lengths

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows of a step
}

// masks are the stretches [from, to) of a row that are masked.
type masks struct {
	bands, time [maxMasks][2]int
}

// draw returns the masks of row i.
func (o *specAugment) draw(i int) (m masks) {
	_, lane, row := o.x.Layout.Place(i)
	stream, n := o.tape.Stream(o.Site, lane), o.lengths.of(i, o.x.Layout.Steps)
	at := uint32(row) * 4 * maxMasks
	place := func(width, size int) [2]int {
		width = int(float64(stream.Float(at)) * float64(min(width, size)+1))
		from := int(float64(stream.Float(at+1)) * float64(size-width+1))
		at += 2
		return [2]int{from, from + width}
	}
	for k := range o.Options.BandMasks {
		m.bands[k] = place(o.Options.BandWidth, o.x.Cols)
	}
	at = uint32(row)*4*maxMasks + 2*maxMasks
	for k := range o.Options.TimeMasks {
		m.time[k] = place(min(o.Options.TimeWidth, int(o.Options.TimeShare*float64(n))), n)
	}
	return m
}

// hides says whether step t is masked as a whole.
func (m *masks) hides(t int) bool {
	for _, k := range m.time {
		if t >= k[0] && t < k[1] {
			return true
		}
	}
	return false
}

func (o *specAugment) Forward() { o.tape.pool.For(o.rows(), 1, o.forward) }

// rows is N = L*R.
func (o *specAugment) rows() int { return o.x.Rows / o.x.Layout.Steps }

func (o *specAugment) forwardRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for i := lo; i < hi; i++ {
		m := o.draw(i)
		for t := range o.x.Layout.Steps {
			row := y.Row(t*o.rows() + i)
			if m.hides(t) {
				clear(row)
				continue
			}
			copy(row, x.Row(t*o.rows()+i))
			for _, b := range m.bands {
				clear(row[b[0]:b[1]])
			}
		}
	}
}

func (o *specAugment) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.tape.pool.For(o.rows(), 1, o.backward)
	}
}

// backwardRows clears in dy what is masked: nobody reads it afterwards.
func (o *specAugment) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	for i := lo; i < hi; i++ {
		m := o.draw(i)
		for t := range o.x.Layout.Steps {
			row := dy.Row(t*o.rows() + i)
			if m.hides(t) {
				clear(row)
			}
			for _, b := range m.bands {
				clear(row[b[0]:b[1]])
			}
			put(o.dx.Row(t*o.rows()+i), row, o.fresh)
		}
	}
}
