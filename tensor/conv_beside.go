package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A convolution to few channels would leave most of a tile's width empty. There the channels are the rows of the
// tiles and images lie side by side in their columns: all of a block's images meet the same taps at the same pixel.
// Each chain is the one that it would be otherwise.

// besideValues bounds an image whose block is turned, so that the block stays in L2 (256 KB in AVX2).
const besideValues = 4096

// goesBeside tells whether the images of k are computed side by side.
func (k *convCall) goesBeside() bool {
	mr, nr := k.w.on.Shape()
	r := k.w.route()
	return k.w.layout == kernel.Plain && k.w.on.HasVectors() && r.groups == 1 && r.cout <= mr && r.kh*r.kw >= 9 &&
		r.x.step == 1 && r.inH*r.inW*r.cin <= besideValues && 2*k.n >= nr
}

// beside shares out y += x through the weights by rows of the outputs of blocks of images, or by the rows that are made
// of them.
func (p *Pool) beside(k convCall, pooling poolCall) {
	_, nr := k.w.on.Shape()
	r := k.w.route()
	job, rows := call{do: doConvBeside, conv: k, pooling: pooling}, pooling.rowsOf(r)
	job.share(p, (k.n+nr-1)/nr*rows, r.cost(nr)/rows*r.cin*r.cout)
}

// rowsOf is how many rows an image has of the maxima of r's outputs, or of these if there are none.
func (k *poolCall) rowsOf(r *route) int {
	if k.s != nil {
		return k.s.OutH
	}
	return r.outH
}

// besideUnits computes units [lo, hi): rows of blocks.
func besideUnits(k *call, lo, hi int) {
	s := takeWeightScratch()
	defer s.give()
	b := besider{convCall: &k.conv, pooling: &k.pooling, r: k.conv.w.route(), s: s}
	if b.fresh {
		b.prepareStart()
	}
	rows := b.pooling.rowsOf(b.r)
	for lo < hi {
		end := min(hi, (lo/rows+1)*rows)
		b.block(lo/rows, lo%rows, end-lo)
		lo = end
	}
}

// besider computes a block of images.
type besider struct {
	*convCall
	pooling *poolCall // of the outputs, which then are not stored; or without a shape
	r       *route
	s       *weightScratch
	t       kernel.Tile
	first   int       // image of the block
	count   int       // images
	sums    []float32 // [channel, pixel, image] of the row under way
}

// block computes rows [y, y+rows) of a block of as many images as a tile is wide, [channel, pixel, image] a row of
// each at a time, from inputs [pixel, channel, image].
func (b *besider) block(block, y, rows int) {
	_, nr := b.w.on.Shape()
	r, t := b.r, &b.t
	b.first, b.count = block*nr, min(nr, b.n-block*nr)
	b.turn(nr)
	t.AK0, t.AK1, t.BK0, t.BK1 = nr, r.kw*r.cin*nr, nr, r.y.step*r.inW*r.cin*nr
	t.Rows = r.cout
	t.EvenRows(1, r.outW*nr)
	if b.pooling.s != nil {
		b.pool(y, y+rows, nr)
		return
	}
	b.s.sums = sized(b.s.sums, 8*r.outW*nr) // eight channels, as the vectors that are stored
	b.sums = b.s.sums
	for end := y + rows; y < end; y++ {
		b.outputs(y, nr)
		after := (end - 1 - y) * r.outW
		if !b.fresh {
			after = 0
		}
		row := besideRow{b.y, b.sums, b.first, b.count, y, r.outH, r.outW}
		row.store(nr, after)
	}
}

// outputs computes row y.
func (b *besider) outputs(y, nr int) {
	b.start(y, nr)
	for i := range b.r.y.runs {
		if at, ok := b.r.y.runs[i].find(y); ok {
			b.row(&b.r.y.runs[i], at, nr)
		}
	}
	sums := b.sums[:b.r.cout*b.r.outW*nr]
	Rectify(sums, sums, b.rectifier)
}

// pool computes rows [y, end) of the maxima of the outputs.
func (b *besider) pool(y, end, nr int) {
	r, s := b.r, b.pooling.s
	each, small := r.cout*r.outW*nr, r.cout*s.OutW*nr
	b.s.sums = sized(b.s.sums, s.KH*each)
	b.s.norms = sized(b.s.norms, 2*8*s.OutW*nr)
	best, taps := b.s.norms[:8*s.OutW*nr], b.s.norms[8*s.OutW*nr:]
	for ; y < end; y++ {
		for kh := range s.KH {
			b.sums = b.s.sums[kh*each:]
			b.outputs(y*s.KH+kh, nr)
		}
		// To the windows, channels are rows, and images channels.
		w := kernel.Windows{Y: best, At: taps, X: b.s.sums, N: small / nr, Cols: nr, Across: s.OutW, Left: s.OutW,
			Step: s.KW * nr, YStep: nr, AtStep: nr, KH: s.KH, KW: s.KW, Row: each, Pixel: nr, Square: s.KH == 2 && s.KW == 2}
		w.Run(false)
		row := besideRow{b.pooling.y, best, b.first, b.count, y, s.OutH, s.OutW}
		row.store(nr, (end-1-y)*s.OutW)
		row.to, row.values = b.pooling.at, taps
		row.store(nr, (end-1-y)*s.OutW)
	}
}

// find tells where in the run an output is, if it is there.
func (r *tapRun) find(o int) (at int, ok bool) {
	if o -= r.out; r.n == 1 {
		return 0, o == 0
	}
	return o / r.outBy, o >= 0 && o%r.outBy == 0 && o/r.outBy < r.n
}

// turn brings the block's inputs side by side.
func (b *besider) turn(nr int) {
	r, x := b.r, b.x
	pixels := r.inH * r.inW
	b.s.x = sized(b.s.x, pixels*r.cin*nr)
	src := x.Data[b.first*pixels*x.Stride:]
	if x.Stride == r.cin {
		kernel.Transpose(b.s.x, src, nr, pixels*r.cin, b.count, pixels*r.cin)
		return
	}
	for p := range pixels {
		kernel.Transpose(b.s.x[p*r.cin*nr:], src[p*x.Stride:], nr, pixels*x.Stride, b.count, r.cin)
	}
}

// prepareStart prepares what the chains of every row start from when y does not matter.
func (b *besider) prepareStart() {
	_, nr := b.w.on.Shape()
	each := b.r.outW * nr
	b.s.line = sized(b.s.line, b.r.cout*each)
	clear(b.s.line)
	for c, v := range b.bias {
		kernel.Fill(b.s.line[c*each:][:each], v)
	}
}

// start sets what the chains of a row start from.
func (b *besider) start(y, nr int) {
	r := b.r
	if b.fresh {
		copy(b.sums, b.s.line)
		return
	}
	from := besideRow{to: b.y, first: b.first, y: y, height: r.outH, width: r.outW}
	for i := range b.count {
		for x := range r.outW {
			for c, v := range b.y.Data[from.at(x, i):][:r.cout] {
				b.sums[(c*r.outW+x)*nr+i] = v
			}
		}
	}
}

// row computes one row of outputs, number at of a run.
func (b *besider) row(ys *tapRun, at, nr int) {
	r, t := b.r, &b.t
	for i := range r.x.runs {
		xs := &r.x.runs[i]
		t.K0, t.K1 = xs.count*r.cin, ys.count
		if t.K0*t.K1 == 0 {
			continue
		}
		t.A = b.w.data[(ys.tap*r.kw+xs.tap)*r.cin*nr:]
		t.B = b.s.x[((ys.in+at*ys.inBy)*r.inW+xs.in)*r.cin*nr:]
		t.C = b.sums[xs.out*nr:]
		t.BPanel = xs.inBy * r.cin * nr
		if xs.n == 1 || xs.outBy == 1 {
			t.Panels = xs.n
			t.Run(b.w.on)
			continue
		}
		t.Panels = 1
		for range xs.n {
			t.Run(b.w.on)
			t.B, t.C = t.B[min(t.BPanel, len(t.B)):], t.C[min(xs.outBy*nr, len(t.C)):]
		}
	}
}

// besideRow is a row of values [channel, pixel, image] of the images first, first+1 and on, and where they belong.
type besideRow struct {
	to            Matrix
	values        []float32
	first, count  int
	y             int
	height, width int // of an image of to
}

// store brings a row to its place, behind which there are pixels that are overwritten later: vectors of eight channels
// may reach into them.
func (b *besideRow) store(nr, after int) {
	image, cols := 0, b.to.Cols
	if b.to.Stride == cols {
		pixels := max(0, b.width-max(0, 7/cols-after))
		for ; image+8 <= b.count && kernel.TransposeSquares(b.to.Data[b.at(0, image):], b.values[image:],
			b.height*b.width*cols, b.width*nr, cols, nr, pixels); image += 8 {
			b.copyOut(nr, pixels, image, image+8)
		}
	}
	b.copyOut(nr, 0, image, b.count)
}

// copyOut stores pixels from x on of images [from, to).
func (b *besideRow) copyOut(nr, x, from, to int) {
	for ; x < b.width; x++ {
		for i := from; i < to; i++ {
			dst := b.to.Data[b.at(x, i):][:b.to.Cols]
			for c := range dst {
				dst[c] = b.values[(c*b.width+x)*nr+i]
			}
		}
	}
}

// at is where pixel x of an image lies.
func (b *besideRow) at(x, image int) int {
	return (((b.first+image)*b.height+b.y)*b.width + x) * b.to.Stride
}
