package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// ConvPanels is the weights of a convolution packed for one direction. Packing again reuses the memory, so
// that a ConvPanels packed once a step allocates once. The zero value is empty and ready to use.
//
// For each group of channels there are panels [taps*Cin, nr], of as many output channels as a tile has columns; the taps
// are in the order of the route. Transformed by Winograd's method, there are panels [Cin, nr] for each of the sixteen
// elements of a patch. A depthwise convolution has one matrix [taps, channels], and one of many groups of few channels has
// [Cout, taps, Cin] rows [groups].
type ConvPanels struct {
	conv     *Conv
	backward bool
	on       kernel.Tier
	layout   kernel.Layout
	grouped  bool   // for the path byGroups
	winograd bool   // transformed: which path a convolution takes is decided when its weights are packed
	packed   *route // the convolution's, with pairs of input channels instead of channels in the layout Paired
	data     []float32
}

// Pack packs weights for Pool.Conv.
func (w *ConvPanels) Pack(pool *Pool, c *Conv, weights []float32) { w.pack(pool, c, weights, false) }

// PackBackward packs weights for Pool.ConvBackData.
func (w *ConvPanels) PackBackward(pool *Pool, c *Conv, weights []float32) {
	w.pack(pool, c, weights, true)
}

// Use has w pack into memory, which others may use when nobody reads w. Where that is too small, w takes other.
func (w *ConvPanels) Use(memory []float32) { w.data = memory[:0] }

func (w *ConvPanels) pack(pool *Pool, c *Conv, weights []float32, backward bool) {
	if len(weights) != c.Weights() {
		panic(fmt.Sprintf("tensor: ConvPanels: %d weights for a convolution of %d", len(weights), c.Weights()))
	}
	w.prepare(pool, c, backward)
	w.data = sized(w.data, w.size())
	if c.isDepthwise() {
		clear(w.data[len(weights):])
		packDepthwise(w, weights)
		return
	}
	if w.grouped {
		packGroups(w, weights)
		return
	}
	count := w.route().groups * w.panels()
	job := call{do: doPackConv, conv: convCall{w: w}, dst: weights}
	job.share(pool, count, 16*w.panelSize()) // a value takes as long as some multiply-adds
}

// prepare decides what is packed next.
func (w *ConvPanels) prepare(pool *Pool, c *Conv, backward bool) {
	l := layoutOf(pool.Precision(), kernel.Active)
	if c.isDepthwise() {
		l = kernel.Plain
	}
	same := w.conv == c && w.backward == backward && w.layout == l && w.on == kernel.Active
	w.conv, w.backward, w.layout, w.on = c, backward, l, kernel.Active
	w.grouped = pool.suitsGroups(c)
	w.winograd = pool.winogradSuits(w.floatRoute())
	if same {
		return
	}
	w.packed = w.floatRoute()
	if l != kernel.Plain {
		r := *w.packed
		r.cin = l.Steps(r.cin)
		w.packed = &r
	}
}

// size is how many values are packed.
func (w *ConvPanels) size() int {
	switch {
	case w.conv.isDepthwise():
		return w.conv.Weights() + w.conv.Cin // a row of zeros, to start from
	case w.grouped:
		return w.conv.Weights()
	case w.winograd:
		return 16 * w.plane()
	}
	return w.route().groups * w.panels() * w.panelSize()
}

// PackedConv returns how many values the weights of c take when p packs them, for Conv and for ConvBackData.
func (p *Pool) PackedConv(c *Conv) (forward, backward int) {
	var w ConvPanels
	w.prepare(p, c, false)
	forward = w.size()
	w.prepare(p, c, true)
	return forward, w.size()
}

// floatRoute is the route that w is packed for, over channels. route is the same over the values of the layout.
func (w *ConvPanels) floatRoute() *route {
	if w.backward {
		return w.conv.backward
	}
	return w.conv.forward
}

func (w *ConvPanels) route() *route { return w.packed }

// panels is how many panels a group of channels has, and panelSize the values of one.
func (w *ConvPanels) panels() int {
	_, nr := w.on.Shape()
	return (w.route().cout + nr - 1) / nr
}

func (w *ConvPanels) panelSize() int {
	_, nr := w.on.Shape()
	r := w.route()
	if w.winograd {
		return r.cin * nr
	}
	return r.kh * r.kw * r.cin * nr
}

// channelsAtOnce is how many input channels are packed at a time, so that they stay in L1 with a few taps.
const channelsAtOnce = 16

// packConvPanels packs panels [lo, hi), counted over all groups.
func packConvPanels(k *call, lo, hi int) {
	w, r := k.conv.w, k.conv.w.floatRoute()
	_, nr := w.on.Shape()
	s := takeImageScratch()
	defer s.release()
	taps := r.kh * r.kw
	s.line = sized(s.line, nr*channelsAtOnce*taps)
	for i := lo; i < hi; i++ {
		g, first := i/w.panels(), i%w.panels()*nr
		dst := w.data[i*w.panelSize() : (i+1)*w.panelSize()]
		width := min(nr, r.cout-first)
		if width < nr {
			clear(dst)
		}
		if w.winograd {
			w.packTransformed(w.data[i*w.panelSize():], k.dst, s, first, width)
			continue
		}
		if w.layout != kernel.Plain {
			s.x = sized(s.x, taps*(r.cin+1)*nr)
			w.packRounded(dst, k.dst[g*r.cin*r.cout*taps:], s, first, width)
			continue
		}
		for q := 0; q < r.cin; q += channelsAtOnce {
			w.packChannels(dst, k.dst[g*r.cin*r.cout*taps:], s.line, q, min(q+channelsAtOnce, r.cin), first, width)
		}
	}
}

// packRounded packs a panel in float32 into s.x, and then converts it tap by tap to the layout.
func (w *ConvPanels) packRounded(dst, src []float32, s *imageScratch, first, width int) {
	r, l := w.floatRoute(), w.layout
	_, nr := w.on.Shape()
	taps := r.kh * r.kw
	all := s.x[:taps*r.cin*nr]
	clear(all)
	for q := 0; q < r.cin; q += channelsAtOnce {
		w.packChannels(all, src, s.line, q, min(q+channelsAtOnce, r.cin), first, width)
	}
	s.sums = sized(s.sums, l.Room(r.cin)*nr)
	for tap := range taps {
		copy(s.sums, all[tap*r.cin*nr:][:r.cin*nr])
		l.FinishInOrder(s.sums, r.cin, nr, kernel.PadRight)
		copy(dst[tap*w.packed.cin*nr:][:w.packed.cin*nr], s.sums)
	}
}

// packChannels packs input channels [q0, q1) of the panel that begins at output channel first of its group. Weights are
// [output channel, input channel, tap] forward; backward, inputs are what was the output, so they are [input, output, tap].
func (w *ConvPanels) packChannels(dst, src, line []float32, q0, q1, first, width int) {
	r := w.floatRoute()
	_, nr := w.on.Shape()
	taps := r.kh * r.kw
	switch {
	case !w.backward && taps == 1:
		kernel.Transpose(dst[q0*nr:], src[first*r.cin+q0:], nr, r.cin, width, q1-q0)
	case !w.backward:
		kernel.Transpose(line, src[(first*r.cin+q0)*taps:], nr, r.cin*taps, width, (q1-q0)*taps)
		for q := q0; q < q1; q++ {
			r.spreadTaps(dst[q*nr:], line[(q-q0)*taps*nr:], nr, width)
		}
	case taps == 1:
		for q := q0; q < q1; q++ {
			copy(dst[q*nr:][:width], src[q*r.cout+first:])
		}
	default:
		if taps == 9 && r.inOrder && width == nr && r.y.slot[0] > 0 &&
			kernel.PackNine(dst[(q0+8*r.cin)*nr:], src[(q0*r.cout+first)*9:], -r.cin*nr, nr, r.cout*9, q1-q0) {
			return
		}
		for q := q0; q < q1; q++ {
			kernel.Transpose(line, src[(q*r.cout+first)*taps:], nr, taps, width, taps)
			r.spreadTaps(dst[q*nr:], line, nr, width)
		}
	}
}

// spreadTaps copies src [tap, output channel], the weights of one input channel, to the rows of a panel that its taps have.
func (r *route) spreadTaps(dst, src []float32, nr, width int) {
	taps := r.kh * r.kw
	if r.inOrder && width == nr {
		first, step := dst, r.cin*nr
		if r.y.slot[0]+r.x.slot[0] > 0 {
			first, step = dst[(taps-1)*step:], -step
		}
		if kernel.PackRowVectors(first, src[:taps*nr], nr, step) == taps {
			return
		}
	}
	for kh, y := range r.y.slot {
		for kw, x := range r.x.slot {
			to, from := dst[(y*r.kw+x)*r.cin*nr:][:width], src[(kh*r.kw+kw)*nr:][:width]
			if width == 16 {
				*(*[16]float32)(to) = *(*[16]float32)(from)
			} else {
				copy(to, from)
			}
		}
	}
}
