package tensor

import "fmt"

// ConvPanels is the weights of a convolution packed for one direction. Packing again reuses the memory, so
// that a ConvPanels packed once a step allocates once. The zero value is empty and ready to use.
//
// For each group of channels there are panels of as many outputs as the tile is wide. A panel holds one row
// for every tap, in the order of the route, and every input channel within it.
type ConvPanels struct {
	conv     *Conv
	backward bool
	on       tier
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
	w.conv, w.backward, w.on = c, backward, active
	r := w.route()
	if c.isDepthwise() {
		w.data = sized(w.data, len(weights)+c.Cin) // and a row of zeros, to start from
		clear(w.data[len(weights):])
		packDepthwise(w, weights)
		return
	}
	count := r.groups * w.panels()
	w.data = sized(w.data, count*w.panelSize())
	job := call{do: doPackConv, conv: convCall{w: w}, dst: weights}
	job.share(pool, count, w.panelSize())
}

// route is the walk that w is packed for.
func (w *ConvPanels) route() *route {
	if w.backward {
		return w.conv.backward
	}
	return w.conv.forward
}

// panels is how many a group has.
func (w *ConvPanels) panels() int {
	_, nr := w.on.shape()
	return (w.route().cout + nr - 1) / nr
}

func (w *ConvPanels) panelSize() int {
	_, nr := w.on.shape()
	r := w.route()
	return r.kh * r.kw * r.cin * nr
}

// packConvPanels packs panels [lo, hi), counted over all groups.
func packConvPanels(k *call, lo, hi int) {
	w := k.conv.w
	r := w.route()
	_, nr := w.on.shape()
	// Where the weight of output j and input i lies, without the tap.
	perOut, perIn := r.cin*r.kh*r.kw, r.kh*r.kw
	if w.backward {
		perOut, perIn = perIn, r.cout*r.kh*r.kw
	}
	group := r.cin * r.cout * r.kh * r.kw
	for i := lo; i < hi; i++ {
		g, first := i/w.panels(), i%w.panels()*nr
		dst := w.data[i*w.panelSize() : (i+1)*w.panelSize()]
		width := min(nr, r.cout-first)
		if width < nr {
			clear(dst)
		}
		src := k.dst[g*group+first*perOut:]
		for kh, y := range r.y.place {
			for kw, x := range r.x.place {
				to := dst[(y*r.kw+x)*r.cin*nr:]
				for q := range r.cin {
					from := src[q*perIn+kh*r.kw+kw:]
					for j := range width {
						to[q*nr+j] = from[j*perOut]
					}
				}
			}
		}
	}
}
