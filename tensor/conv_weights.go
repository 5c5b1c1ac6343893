package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// gradientCall is the operands of ConvBackWeights.
type gradientCall struct {
	c     *Conv
	x, dy Matrix
	n     int       // images
	set   bool      // dw is set, not added to
	dw    []float32 // the result
	db    []float32 // the gradient of the bias, which is set, or nil
}

// ConvBackWeights adds the gradient of the weights over all images of x and dy, those of one lane:
//
//	dw[co, ci, kh, kw] += sum over n, oy, ox of dy[n, oy, ox, co] * x[n, iy, ix, ci]
//
// Every sum is one chain that starts from zero and is then added to dw. It goes through the images in groups of
// 1024 output pixels, rounded up to whole images; through the pixels of a group that meet the image, in order;
// and through the images of the group at each pixel. There are three exceptions. With less than 16 input
// channels, no groups of them and no dilation along rows, a group is one image, and pixels that meet padding
// count as zeros. Where every channel is a group of its own, a group is one image too. A convolution of one tap
// without stride, padding or groups is MatMulTransAdd.
func (p *Pool) ConvBackWeights(dw []float32, c *Conv, x, dy Matrix) {
	p.convBackWeights("ConvBackWeights", gradientCall{dw: dw, c: c, x: x, dy: dy})
}

// ConvBackWeightsSet sets the gradient of the weights instead.
func (p *Pool) ConvBackWeightsSet(dw []float32, c *Conv, x, dy Matrix) {
	p.convBackWeights("ConvBackWeightsSet", gradientCall{dw: dw, c: c, x: x, dy: dy, set: true})
}

// ConvBackWeightsBias is ConvBackWeightsSet and sets db to the gradient of the bias, as ColumnSumAdd adds it to zeros.
func (p *Pool) ConvBackWeightsBias(dw, db []float32, c *Conv, x, dy Matrix) {
	const op = "ConvBackWeightsBias"
	if len(db) != c.Cout {
		panic(fmt.Sprintf("tensor: %s: %d sums of %d channels", op, len(db), c.Cout))
	}
	p.convBackWeights(op, gradientCall{dw: dw, db: db, c: c, x: x, dy: dy, set: true})
}

func (p *Pool) convBackWeights(op string, k gradientCall) {
	k.n = k.c.images(op, k.x, k.dy, "x", "dy")
	if len(k.dw) != k.c.Weights() {
		panic(fmt.Sprintf("tensor: %s: %d weights for a convolution of %d", op, len(k.dw), k.c.Weights()))
	}
	path := p.gradientPath(k.c)
	onTheWay := k.n > 0 && path == viaStrips && k.c.stripHasOnes()
	if k.db != nil && !onTheWay {
		clear(k.db)
		p.ColumnSumAdd(k.db, AllRows(k.dy))
		k.db = nil
	}
	if k.n > 0 {
		p.weightsVia(path, k)
	} else if k.set {
		clear(k.dw)
	}
}

func (p *Pool) weightsVia(path gradientPath, k gradientCall) {
	switch path {
	case viaTransforms:
		p.weightsViaTransforms(k)
	case viaInPlace:
		p.weightsViaInPlace(k)
	case viaProduct:
		t := Target{C: Of(k.dw, k.c.Cout, k.c.Cin), B: AllRows(k.x), Fresh: k.set}
		p.matMulTransTo(AllRows(k.dy), t)
	case viaDepthwise:
		p.weightsViaDepthwise(k)
	case viaGroups:
		p.weightsViaGroups(k)
	case viaStrips:
		p.weightsViaStrips(k)
	case viaJoined:
		p.weightsViaJoined(k)
	case viaPacked:
		p.weightsViaPacked(k)
	}
}

const (
	// groupPixels is the output pixels of a group of images, at least. It decides bits, and is fixed for good.
	groupPixels = 1024
	// weightDepth is how many output pixels are multiplied at a time: so much of a panel is half of L1 (in AVX2).
	weightDepth = 256
	// weightRows is how many output channels are computed at a time: weightDepth of each are half of L2. It is a multiple of
	// the rows of every tile.
	weightRows = 240
)

// imageGroup is how many images are packed together.
func (c *Conv) imageGroup() int {
	pixels := c.OutH * c.OutW
	return (groupPixels + pixels - 1) / pixels
}

// weightsViaPacked shares out dw by panels of input channels, or by tiles of output channels in all groups.
func (p *Pool) weightsViaPacked(k gradientCall) {
	mr, nr := kernel.Active.Shape()
	panels, tiles := (k.c.cinGroup+nr-1)/nr, tilesOf(k.c.coutG, mr)
	job := call{do: doWeightsViaPacked, gradient: k}
	units := k.c.Groups * tiles
	if job.byCols = k.c.Groups == 1 && columnsFirst(p.Size(), k.c.coutG, mr, panels); job.byCols {
		units = panels
	}
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// runViaPacked computes panels [lo, hi), or tiles [lo, hi).
func runViaPacked(k *call, lo, hi int) {
	mr, nr := kernel.Active.Shape()
	g := packedGradient{gradientCall: &k.gradient, s: takeImageScratch()}
	defer g.s.release()
	if k.byCols {
		g.region(0, 0, g.c.coutG, lo*nr, min(hi*nr, g.c.cinGroup))
		return
	}
	tiles := tilesOf(g.c.coutG, mr)
	for lo < hi {
		group, first := lo/tiles, lo%tiles
		n := min(tiles-first, hi-lo)
		g.region(group, first*mr, min((first+n)*mr, g.c.coutG), 0, g.c.cinGroup)
		lo += n
	}
}

// packedGradient computes the gradient of the weights as one transposed product for each tap:
//
//	dw[tap] [Cout, Cin]  +=  dy [pixels, Cout]T  *  x at that tap [pixels, Cin]
//
// Both operands are packed, a group of images at a time. The rows of the packed operands go through the pixels and, within a
// pixel, through the images of the group. So whichever the tap, the rows it needs lie at even distances.
type packedGradient struct {
	*gradientCall
	s *imageScratch

	group          int // of channels
	o0, o1, i0, i1 int // output and input channels of the group
	panels, width  int // of input channels, and how many of them a panel has
	at, images     int // the first image packed now, and how many there are

	xStep, dyStep int // from one panel of x, and from one tile of dy, to the next
	each          int // values of dy from one packed pixel to the next: a tile's rows, or all channels of the region
	sumStep       int // from the sums of one output channel to those of the next
}

// region computes output channels [o0, o1) of a group for its input channels [i0, i1).
func (g *packedGradient) region(group, o0, o1, i0, i1 int) {
	g.group, g.o0, g.o1, g.i0, g.i1 = group, o0, o1, i0, i1
	g.prepare()
	for at := 0; at < g.n; at += g.c.imageGroup() {
		g.at, g.images = at, min(g.c.imageGroup(), g.n-at)
		g.packInputs()
		g.packGradients()
		for o := o0; o < o1; o += weightRows {
			g.multiply(o-o0, min(o1, o+weightRows)-o0, at == 0)
		}
	}
	g.add()
}

// multiply adds the packed images to the sums of output channels [o, end), a band of rows of pixels at a time.
func (g *packedGradient) multiply(o, end int, fresh bool) {
	c := g.c
	rows := max(1, weightDepth/(c.OutW*g.images))
	for y := 0; y < c.OutH; y += rows {
		for panel := range g.panels {
			for i := range g.s.taps {
				g.tap(&g.s.taps[i], panel, o, end, y, min(c.OutH, y+rows), fresh)
			}
		}
	}
}

// tap adds pixels of rows [y0, y1) to the sums of one tap.
func (g *packedGradient) tap(tap *weightTap, panel, o, end, y0, y1 int, fresh bool) {
	mr, nr := kernel.Active.Shape()
	c, s, width := g.c, g.s, g.width
	y0, y1 = max(y0, tap.y0), min(y1, tap.y1)
	if y0 >= y1 || tap.x0 >= tap.x1 {
		return
	}
	t := kernel.Tile{K0: (tap.x1 - tap.x0) * g.images, K1: y1 - y0, AK0: g.each, BK0: width, AheadC: mr * g.sumStep}
	t.AK1, t.BK1 = c.OutW*g.images*g.each, tap.pitch*g.images*width
	t.EvenRows(1, g.sumStep)
	t.B = s.x[panel*g.xStep+(tap.first+(y0-tap.y0)*tap.pitch)*g.images*width:]
	if fresh && y0 == tap.y0 {
		t.Start = zeros
	}
	from := (y0*c.OutW + tap.x0) * g.images * g.each
	for i := o; i < end; i += mr {
		t.Rows = min(mr, end-i)
		t.A = s.dy[i/mr*g.dyStep+from:]
		t.C = s.sums[i*g.sumStep+tap.column+panel*width:]
		if width < nr {
			t.RunEdge(kernel.Active, width)
		} else {
			t.Run(kernel.Active)
		}
	}
}

// add adds the sums [output channel, tap, input channel] to dw [output channel, input channel, tap], or sets it.
func (g *packedGradient) add() {
	c := g.c
	taps := c.KH * c.KW
	step := g.sumStep / taps
	for o := range g.o1 - g.o0 {
		sums := g.s.sums[o*g.sumStep : (o+1)*g.sumStep]
		at := ((g.group*c.coutG+g.o0+o)*c.cinGroup + g.i0) * taps
		g.s.addTaps(g.dw[at:][:(g.i1-g.i0)*taps], sums, taps, step, g.set)
	}
}
