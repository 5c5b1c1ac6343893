package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// ForwardPart records the channels of the lane's pipeline, [rows, out/n], under
// [Tape.Pipelines] of n parts: as many neighbours of Forward's. A convolution without
// groups reads all channels of x. One whose groups n divides reads those of the
// pipeline, [rows, in/n]. Without pipelines it is Forward. It panics when the channels
// cannot be shared, x's are not those, or the kernel does not fit its images.
func (l *Conv2d) ForwardPart(t *Tape, x *Node) *Node {
	if t.pipelines == nil {
		return l.Forward(t, x)
	}
	n, s := t.pipelines.count, l.shape
	t.wantParts(l.Name, s.Cout)
	if s.Cout /= n; s.Groups > 1 {
		if s.Groups%n != 0 {
			panic(fmt.Sprintf("nn: %s has %s, which %d pipelines cannot share", l.Name, count(s.Groups, "group"), n))
		}
		s.Cin, s.Groups = s.Cin/n, s.Groups/n
	}
	s.InH, s.InW = x.Layout.Height, x.Layout.Width
	if x.Cols != s.Cin || !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes images of %d channels, got %dx%d of %d (%v)", l.Name, s.Cin, s.InH, s.InW, x.Cols, x))
	}
	w, parts := t.Param(l.Weight), l.partsAt(n, s)
	c := parts[0].Conv
	op := &convPart{tape: t, parts: parts, x: x, w: w, y: t.Node(x.Layout.WithImage(c.OutH, c.OutW), c.Cout)}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Weights: []*Weight{w}, Sets: true, Strided: true}
	if l.Bias != nil {
		op.b = t.Param(l.Bias)
		use.Weights = append(use.Weights, op.b)
	}
	t.Record(op, use)
	return op.y
}

// partsAt returns the convolutions of n pipelines at one size of input, made on first use.
func (l *Conv2d) partsAt(n int, s tensor.ConvShape) []*readyConv {
	for _, parts := range l.parts {
		if len(parts) == n && parts[0].InH == s.InH && parts[0].InW == s.InW {
			return parts
		}
	}
	c, err := tensor.NewConv(s)
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v", l.Name, err))
	}
	parts := make([]*readyConv, n)
	for i := range parts {
		parts[i] = &readyConv{Conv: c}
	}
	l.parts = append(l.parts, parts)
	return parts
}

// convPart is a convolution of which each lane computes the part of its pipeline.
type convPart struct {
	tape  *Tape
	parts []*readyConv // by pipeline
	x, y  *Node
	w, b  *Weight // b may be nil
}

func (o *convPart) operations() int { return o.parts[0].Flops(o.y.Rows / o.y.Layout.Pixels()) }

// rows are those of a part in a matrix that has one for each output channel.
func (o *convPart) rows(m tensor.Matrix, part int) tensor.Matrix {
	return m.Slice(part*o.y.Cols, (part+1)*o.y.Cols)
}

// columns are those of a part in a slice that has one for each output channel.
func (o *convPart) columns(v []float32, part int) []float32 {
	return v[part*o.y.Cols : (part+1)*o.y.Cols]
}

func (o *convPart) Forward() {
	for l := range o.tape.Shape.Lanes {
		part := o.tape.part(l)
		w := o.parts[part].readyForward(o.tape, o.rows(o.w.Value(), part))
		var bias []float32
		if o.b != nil {
			bias = o.columns(o.b.Value().Data, part)
		}
		for step := range o.x.Layout.Steps {
			o.tape.pool.Conv(o.y.Layout.block(o.y.Value(), step, l), o.x.Layout.block(o.x.Value(), step, l), w, bias, tensor.Identity)
		}
	}
}

func (o *convPart) Backward() {
	t := o.tape
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		for l := range t.Shape.Lanes {
			o.inputBack(l, dx, fresh)
		}
	}
	if o.w.frozen && (o.b == nil || o.b.frozen) {
		return
	}
	setW, setB := o.w.TakeGrads(), o.b != nil && o.b.TakeGrads()
	for l := range t.Shape.Lanes {
		if setW { // weights of other pipelines have no gradient here
			clear(o.w.Grad(l).Data)
		}
		if setB {
			clear(o.b.Grad(l).Data)
		}
		part := t.part(l)
		for step := range o.x.Layout.Steps {
			x, dy := o.x.Layout.block(o.x.Value(), step, l), o.y.Layout.block(o.y.Grad(), step, l)
			t.pool.ConvBackWeights(o.rows(o.w.Grad(l), part).Data, o.parts[part].Conv, x, dy)
			if o.b != nil {
				t.pool.ColumnSumAdd(o.columns(o.b.Grad(l).Data, part), tensor.AllRows(dy))
			}
		}
	}
}

// inputBack adds a lane's gradient of the input, or sets it.
func (o *convPart) inputBack(lane int, dx tensor.Matrix, fresh bool) {
	t, part := o.tape, o.tape.part(lane)
	w := o.parts[part].readyBackward(t, o.rows(o.w.Value(), part))
	for step := range o.x.Layout.Steps {
		dx, dy := o.x.Layout.block(dx, step, lane), o.y.Layout.block(o.y.Grad(), step, lane)
		if fresh {
			t.pool.ConvBackDataSet(dx, dy, w)
		} else {
			t.pool.ConvBackData(dx, dy, w)
		}
	}
}
