package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// ConvPanels is the weights of a convolution packed for one direction. Packing again reuses the memory, so
// that a ConvPanels packed once a step allocates once. The zero value is empty and ready to use.
//
// For each group of channels there are panels of as many outputs as the tile is wide. A panel holds one row
// for every tap, in the order of the route, and every input channel within it. Transformed for Winograd, the sixteen
// elements of a patch have panels of their own, with a row for every input channel.
type ConvPanels struct {
	conv     *Conv
	backward bool
	on       kernel.Tier
	layout   kernel.Layout
	winograd bool
	walk     *route // the conv's, with as many input channels as the layout has values of them
	data     []float32
}

// Pack packs weights for Pool.Conv.
func (w *ConvPanels) Pack(pool *Pool, c *Conv, weights []float32) { w.pack(pool, c, weights, false) }

// PackBackward packs weights for Pool.ConvBackData.
func (w *ConvPanels) PackBackward(pool *Pool, c *Conv, weights []float32) {
	w.pack(pool, c, weights, true)
}

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
	count := w.route().groups * w.panels()
	job := call{do: doPackConv, conv: convCall{w: w}, dst: weights}
	job.share(pool, count, 16*w.panelSize()) // a value takes as long as some multiply-adds
}

// prepare says what is packed next.
func (w *ConvPanels) prepare(pool *Pool, c *Conv, backward bool) {
	l := layoutOf(pool.Precision(), kernel.Active)
	if c.isDepthwise() {
		l = kernel.Plain
	}
	same := w.conv == c && w.backward == backward && w.layout == l && w.on == kernel.Active
	w.conv, w.backward, w.layout, w.on = c, backward, l, kernel.Active
	w.winograd = pool.byWinograd(w.plainRoute())
	if same {
		return
	}
	w.walk = w.plainRoute()
	if l != kernel.Plain {
		r := *w.walk
		r.cin = l.Steps(r.cin)
		w.walk = &r
	}
}

// size is how many values are packed.
func (w *ConvPanels) size() int {
	switch {
	case w.conv.isDepthwise():
		return w.conv.Weights() + w.conv.Cin // a row of zeros, to start from
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

// plainRoute is the walk that w is packed for, and route is that over the values of the layout.
func (w *ConvPanels) plainRoute() *route {
	if w.backward {
		return w.conv.backward
	}
	return w.conv.forward
}

func (w *ConvPanels) route() *route { return w.walk }

// panels is how many a group has.
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

// packChannels is how many input channels are packed at a time, so that they stay in L1 with a few taps.
const packChannels = 16

// packConvPanels packs panels [lo, hi), counted over all groups.
func packConvPanels(k *call, lo, hi int) {
	w, r := k.conv.w, k.conv.w.plainRoute()
	_, nr := w.on.Shape()
	s := takeWeightScratch()
	defer s.give()
	taps := r.kh * r.kw
	s.line = sized(s.line, nr*packChannels*taps)
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
		for q := 0; q < r.cin; q += packChannels {
			w.packPart(dst, k.dst[g*r.cin*r.cout*taps:], s.line, q, min(q+packChannels, r.cin), first, width)
		}
	}
}

// packRounded packs a panel plainly, and then tap by tap into the layout.
func (w *ConvPanels) packRounded(dst, src []float32, s *weightScratch, first, width int) {
	r, l := w.plainRoute(), w.layout
	_, nr := w.on.Shape()
	taps := r.kh * r.kw
	all := s.x[:taps*r.cin*nr]
	clear(all)
	for q := 0; q < r.cin; q += packChannels {
		w.packPart(all, src, s.line, q, min(q+packChannels, r.cin), first, width)
	}
	s.sums = sized(s.sums, l.Room(r.cin)*nr)
	for tap := range taps {
		copy(s.sums, all[tap*r.cin*nr:][:r.cin*nr])
		l.FinishInOrder(s.sums, r.cin, nr, kernel.PadRight)
		copy(dst[tap*w.walk.cin*nr:][:w.walk.cin*nr], s.sums)
	}
}

// packPart packs input channels [q0, q1) of a panel that begins with output first of its group.
func (w *ConvPanels) packPart(dst, src, line []float32, q0, q1, first, width int) {
	r := w.plainRoute()
	_, nr := w.on.Shape()
	taps := r.kh * r.kw
	switch {
	case !w.backward && taps == 1:
		kernel.Transpose(dst[q0*nr:], src[first*r.cin+q0:], nr, r.cin, width, q1-q0)
	case !w.backward: // weights are [output, input, tap]
		kernel.Transpose(line, src[(first*r.cin+q0)*taps:], nr, r.cin*taps, width, (q1-q0)*taps)
		for q := q0; q < q1; q++ {
			r.placeTaps(dst[q*nr:], line[(q-q0)*taps*nr:], nr, width)
		}
	case taps == 1:
		for q := q0; q < q1; q++ {
			copy(dst[q*nr:][:width], src[q*r.cout+first:])
		}
	default: // [input of the route, output, tap]
		if taps == 9 && r.inOrder && width == nr && r.y.place[0] > 0 &&
			kernel.PackNine(dst[(q0+8*r.cin)*nr:], src[(q0*r.cout+first)*9:], -r.cin*nr, nr, r.cout*9, q1-q0) {
			return
		}
		for q := q0; q < q1; q++ {
			kernel.Transpose(line, src[(q*r.cout+first)*taps:], nr, taps, width, taps)
			r.placeTaps(dst[q*nr:], line, nr, width)
		}
	}
}

// placeTaps copies the rows of all taps of one input channel to where they belong in a panel. Without a stride they are
// packed in order, or in the opposite one.
func (r *route) placeTaps(dst, src []float32, nr, width int) {
	taps := r.kh * r.kw
	if r.inOrder && width == nr {
		first, step := dst, r.cin*nr
		if r.y.place[0]+r.x.place[0] > 0 {
			first, step = dst[(taps-1)*step:], -step
		}
		if kernel.PackRowVectors(first, src[:taps*nr], nr, step) == taps {
			return
		}
	}
	for kh, y := range r.y.place {
		for kw, x := range r.x.place {
			to, from := dst[(y*r.kw+x)*r.cin*nr:][:width], src[(kh*r.kw+kw)*nr:][:width]
			if width == 16 {
				*(*[16]float32)(to) = *(*[16]float32)(from)
			} else {
				copy(to, from)
			}
		}
	}
}
