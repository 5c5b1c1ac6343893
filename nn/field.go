package nn

import "github.com/rondo-ml/rondo/tensor"

// Rect is pixels of an image: rows [Top, Bottom) of columns [Left, Right).
type Rect struct{ Top, Left, Bottom, Right int }

// Height returns the rows.
func (r Rect) Height() int { return r.Bottom - r.Top }

// Width returns the columns.
func (r Rect) Width() int { return r.Right - r.Left }

// Within returns what of it lies in an image of the size.
func (r Rect) Within(height, width int) Rect {
	r.Top, r.Left = min(max(r.Top, 0), height), min(max(r.Left, 0), width)
	r.Bottom, r.Right = max(min(r.Bottom, height), r.Top), max(min(r.Right, width), r.Left)
	return r
}

// union is the smallest that holds both.
func (r Rect) union(s Rect) Rect {
	if r == (Rect{}) {
		return s
	}
	return Rect{min(r.Top, s.Top), min(r.Left, s.Left), max(r.Bottom, s.Bottom), max(r.Right, s.Right)}
}

// Field returns what pixel (row, column) of the images n is computed from, in every
// input of the network: its receptive field. The pixel of what is no images is (0, 0).
// It is found from the shapes of layers alone, and holds for any values. It is called
// before Plan, or on a tape that looks inside.
func (t *Tape) Field(n *Node, row, column int) map[*Node]Rect {
	return t.field(n, row, column, true, true)
}

// Window is Field with what lies in the padding around images: of the same size
// wherever the pixel is.
func (t *Tape) Window(n *Node, row, column int) map[*Node]Rect {
	return t.field(n, row, column, false, true)
}

func (t *Tape) field(n *Node, row, column int, within, gates bool) map[*Node]Rect {
	return t.walk(n, Rect{row, column, row + 1, column + 1}, within, gates)
}

// walk finds what some pixels of n are computed from, operation by operation backward. Without within and gates, it ends at what
// has a sight, if there are any.
func (t *Tape) walk(n *Node, of Rect, within, gates bool) map[*Node]Rect {
	found, need := map[*Node]Rect{}, map[*Node]Rect{n: of}
	if n.producer == given {
		return need
	}
	shortcut := !within && !gates
	for i := n.producer; i >= 0 && len(need) > 0; i-- {
		for _, y := range t.uses[i].Outputs {
			of, ok := need[y]
			if !ok {
				continue
			}
			delete(need, y)
			if s, ok := t.sights[y]; ok && shortcut {
				if s.input != nil {
					found[s.input] = found[s.input].union(s.of(of))
				}
				continue
			}
			for _, x := range t.uses[i].Inputs {
				if !gates && gateOf(t.ops[i], x) {
					continue
				}
				r := of
				if _, norm := t.ops[i].(*groupNorm); gates || !norm {
					r = reach(t.ops[i], x, y, of)
				}
				if l := x.Layout; within {
					r = r.Within(max(1, l.Height), max(1, l.Width))
				}
				switch {
				case r.Height() < 1 || r.Width() < 1:
				case x.producer == given:
					found[x] = found[x].union(r)
				default:
					need[x] = need[x].union(r)
				}
			}
		}
	}
	return found
}

// gateOf says whether the input x says of whole images how much there is of them.
func gateOf(op Operation, x *Node) bool {
	o, ok := op.(*scaledRows)
	return ok && x == o.s
}

// reacher is an operation that knows which pixels of its input it computes some of its output from.
type reacher interface{ reach(of Rect) Rect }

// reach is what pixels of the output y are computed from in the input x. An operation that does not know works pixel by
// pixel where the images are of one size, and otherwise takes all.
func reach(op Operation, x, y *Node, of Rect) Rect {
	if o, ok := op.(reacher); ok && x.Layout.IsImage() {
		return o.reach(of)
	}
	if l := x.Layout; l.Height != y.Layout.Height || l.Width != y.Layout.Width {
		return wholeImage(x)
	}
	return of
}

func wholeImage(x *Node) Rect { return Rect{0, 0, max(1, x.Layout.Height), max(1, x.Layout.Width)} }

// window is what slides down or across an image.
type window struct{ taps, stride, pad, dilation int }

// reads is what outputs [lo, hi) read.
func (w window) reads(lo, hi int) (first, end int) {
	stride, dilation := max(1, w.stride), max(1, w.dilation)
	return lo*stride - w.pad, (hi-1)*stride - w.pad + (w.taps-1)*dilation + 1
}

// writtenBy is which outputs read some of inputs [lo, hi): what the transpose reads.
func (w window) writtenBy(lo, hi int) (first, end int) {
	stride, dilation := max(1, w.stride), max(1, w.dilation)
	return -floorDiv(-(lo + w.pad - (w.taps-1)*dilation), stride), floorDiv(hi-1+w.pad, stride) + 1
}

// floorDiv is a/b rounded down, for b above zero.
func floorDiv(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// windows slide down and across.
type windows struct{ down, across window }

func (w windows) reads(of Rect) (r Rect) {
	r.Top, r.Bottom = w.down.reads(of.Top, of.Bottom)
	r.Left, r.Right = w.across.reads(of.Left, of.Right)
	return r
}

func (w windows) writtenBy(of Rect) (r Rect) {
	r.Top, r.Bottom = w.down.writtenBy(of.Top, of.Bottom)
	r.Left, r.Right = w.across.writtenBy(of.Left, of.Right)
	return r
}

func convWindows(s tensor.ConvShape) windows {
	return windows{window{s.KH, s.StrideH, s.PadH, s.DilationH}, window{s.KW, s.StrideW, s.PadW, s.DilationW}}
}

func poolWindows(s tensor.PoolShape) windows {
	return windows{window{s.KH, s.StrideH, s.PadH, s.DilationH}, window{s.KW, s.StrideW, s.PadW, s.DilationW}}
}

func (o *conv2d) reach(of Rect) Rect { return convWindows(o.conv.ConvShape).reads(of) }

func (o *convTranspose2d) reach(of Rect) Rect { return convWindows(o.conv.ConvShape).writtenBy(of) }

func (o *maxPool) reach(of Rect) Rect { return poolWindows(o.shape.PoolShape).reads(of) }

func (o *avgPool) reach(of Rect) Rect { return poolWindows(o.shape.PoolShape).reads(of) }

// Where a maximum was is known from the window around it.
func (o *unpool) reach(of Rect) Rect { return poolWindows(o.maxima.shape.PoolShape).writtenBy(of) }

func (o *resample) reach(of Rect) (r Rect) {
	r.Top, r.Bottom = o.by.Down(of.Top, of.Bottom)
	r.Left, r.Right = o.by.Across(of.Left, of.Right)
	return r
}

func (o *groupNorm) reach(Rect) Rect { return wholeImage(o.x) }

func (o *batchNorm) reach(of Rect) Rect {
	if o.ofBatch {
		return wholeImage(o.x)
	}
	return of
}
