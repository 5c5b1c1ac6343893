package nn

// Receptive returns what convolutions and poolings make a pixel of the images n see of the input, with the padding
// around it: the receptive field as papers count it. What gates ([Tape.ScaleChannels]) and group norms say of all pixels
// is left out.
//
// Asked of every layer of a network it takes time in proportion to the layers, but for what lies behind a change of size that is
// no window, as resizing.
func (t *Tape) Receptive(n *Node) (r Rect) {
	t.findSights()
	row, column := n.Layout.Height/2, n.Layout.Width/2
	for _, of := range t.walk(n, Rect{row, column, row + 1, column + 1}, false, false) {
		if of.Height()*of.Width() > r.Height()*r.Width() {
			r = of
		}
	}
	return r
}

// sight is what pixels see of the one input that they are computed from, where windows alone stand between: pixels [lo, hi) down
// or across see [lo·stride + first, (hi-1)·stride + end). Without an input they see nothing.
type sight struct {
	input        *Node
	down, across axis
}

type axis struct{ stride, first, end int }

// alike is the axis of what works pixel by pixel.
var alike = axis{1, 0, 1}

func (a axis) of(lo, hi int) (first, end int) { return lo*a.stride + a.first, (hi-1)*a.stride + a.end }

// behind is the axis of what looks, by a, at what sees by b.
func (a axis) behind(b axis) axis {
	first, _ := b.of(a.first, a.first+1)
	_, end := b.of(a.end-1, a.end)
	return axis{a.stride * b.stride, first, end}
}

// union is the axis of what sees by both, which have one stride.
func (a axis) union(b axis) axis { return axis{a.stride, min(a.first, b.first), max(a.end, b.end)} }

func (s sight) of(r Rect) (seen Rect) {
	seen.Top, seen.Bottom = s.down.of(r.Top, r.Bottom)
	seen.Left, seen.Right = s.across.of(r.Left, r.Right)
	return seen
}

// findSights finds the sights of what operations write that were recorded since it was called last.
func (t *Tape) findSights() {
	if t.sights == nil {
		t.sights = map[*Node]sight{}
	}
	for ; t.sighted < len(t.ops); t.sighted++ {
		for _, y := range t.uses[t.sighted].Outputs {
			if s, ok := t.sightOf(t.sighted, y); ok {
				t.sights[y] = s
			}
		}
	}
}

// sightOf is that of an output of operation i, if it has one.
func (t *Tape) sightOf(i int, y *Node) (whole sight, ok bool) {
	for _, x := range t.uses[i].Inputs {
		if gateOf(t.ops[i], x) {
			continue
		}
		s, known := t.sights[x]
		if x.producer == given {
			s, known = sight{x, alike, alike}, true
		}
		down, across, isWindow := windowOf(t.ops[i], x, y)
		switch {
		case known && s.input == nil:
			continue
		case !known || !isWindow:
			return sight{}, false
		}
		s.down, s.across = down.behind(s.down), across.behind(s.across)
		switch {
		case whole.input == nil:
			whole = s
		case whole.input != s.input || whole.down.stride != s.down.stride || whole.across.stride != s.across.stride:
			return sight{}, false
		default:
			whole.down, whole.across = whole.down.union(s.down), whole.across.union(s.across)
		}
	}
	return whole, true
}

// windowOf is reach as axes, and false where it is none: where it depends on the place, or takes all.
func windowOf(op Operation, x, y *Node) (down, across axis, ok bool) {
	if !x.Layout.IsImage() {
		return alike, alike, x.Layout.Height == y.Layout.Height && x.Layout.Width == y.Layout.Width
	}
	shifted := func(by int) axis { return axis{1, by, 1 + by} }
	switch o := op.(type) {
	case *conv2d:
		w := convWindows(o.conv.ConvShape)
		return w.down.axis(), w.across.axis(), true
	case *maxPool:
		w := poolWindows(o.shape.PoolShape)
		return w.down.axis(), w.across.axis(), true
	case *avgPool:
		w := poolWindows(o.shape.PoolShape)
		return w.down.axis(), w.across.axis(), true
	case *crop:
		return shifted(o.top), shifted(o.left), true
	case *zeroPad:
		return shifted(-o.margins.Top), shifted(-o.margins.Left), true
	case *batchNorm:
		return alike, alike, !o.ofBatch
	case *groupNorm:
		return alike, alike, true
	case reacher:
		return down, across, false
	}
	return alike, alike, x.Layout.Height == y.Layout.Height && x.Layout.Width == y.Layout.Width
}

// axis is what outputs read, by reads.
func (w window) axis() axis {
	first, end := w.reads(0, 1)
	return axis{max(1, w.stride), first, end}
}
