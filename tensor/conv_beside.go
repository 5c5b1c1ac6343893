package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The path of a convolution whose output channels would leave most of a tile's columns empty: the output channels are the
// rows of a tile, and images lie side by side in its columns. At each output pixel, for a block of nr images, as many as a
// tile has columns,
//
//	y [Cout, nr]  +=  w [Cout, taps*Cin]  *  xT [taps*Cin, nr]
//
// For this the inputs of a block are transposed once, from [image, pixel, channel] to [pixel, channel, image], and each row
// of outputs is transposed back when it is complete. Every chain adds in the same order as on the usual path.
//
// If a pooling follows, its maxima are taken of the complete rows, and the outputs themselves are never stored.

// convByImages shares out rows of the outputs, or of their maxima where pooling has a shape (pooling.s), in blocks of images.
func (p *Pool) convByImages(k convCall, pooling poolCall) {
	_, nr := k.w.on.Shape()
	r := k.w.route()
	job, rows := call{do: doConvByImages, conv: k, pooling: pooling}, pooling.rowsOf(r)
	job.share(p, (k.n+nr-1)/nr*rows, r.cost(nr)/rows*r.cin*r.cout)
}

// rowsOf is the rows of an image of maxima, or of r's outputs if there is no pooling.
func (k *poolCall) rowsOf(r *route) int {
	if k.s != nil {
		return k.s.OutH
	}
	return r.outH
}

// runByImages computes units [lo, hi): rows, counted over all blocks.
func runByImages(k *call, lo, hi int) {
	s := takeImageScratch()
	defer s.release()
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

// besider computes one block of images at a time. It uses these buffers of s:
//
//	x      the inputs [pixel, channel, image]
//	line   what the chains of a row start from [channel, pixel, image], if not from y
//	sums   rows under way [channel, pixel, image]: one, or as many as a window of the pooling is high
//	norms  a row of maxima [channel, pixel, image], and one of their taps
type besider struct {
	*convCall
	pooling *poolCall
	r       *route
	s       *imageScratch
	t       kernel.Tile
	first   int       // the block's first image
	count   int       // the block's images, nr at most
	sums    []float32 // the row under way, in s.sums
}

// block computes rows [y, y+rows) of a block.
func (b *besider) block(block, y, rows int) {
	_, nr := b.w.on.Shape()
	r, t := b.r, &b.t
	b.first, b.count = block*nr, min(nr, b.n-block*nr)
	b.transpose(nr)
	t.AK0, t.AK1, t.BK0, t.BK1 = nr, r.kw*r.cin*nr, nr, r.y.step*r.inW*r.cin*nr
	t.Rows = r.cout
	t.EvenRows(1, r.outW*nr)
	if b.pooling.s != nil {
		b.pool(y, y+rows, nr)
		return
	}
	b.s.sums = sized(b.s.sums, 8*r.outW*nr) // store reads eight channels
	b.sums = b.s.sums
	for end := y + rows; y < end; y++ {
		b.outputs(y, nr)
		after := (end - 1 - y) * r.outW
		if !b.fresh { // y holds what those pixels start from
			after = 0
		}
		row := besideRow{b.y, b.sums, b.first, b.count, y, r.outH, r.outW}
		row.store(nr, after)
	}
}

// transpose brings the block's inputs side by side.
func (b *besider) transpose(nr int) {
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

// outputs computes row y of the outputs.
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

// prepareStart sets s.line to what the chains of every row start from: the bias, or zero.
func (b *besider) prepareStart() {
	_, nr := b.w.on.Shape()
	each := b.r.outW * nr
	b.s.line = sized(b.s.line, b.r.cout*each)
	clear(b.s.line)
	for c, v := range b.bias {
		kernel.Fill(b.s.line[c*each:][:each], v)
	}
}

// start sets the row under way to what its chains start from.
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

// row adds the products of the row of outputs that is number at of a run.
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
		if xs.n == 1 || xs.outBy == 1 { // the pixels are panels that follow one another
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

// pool computes rows [y, end) of the maxima.
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
		// The kernel of poolings has rows of pixels, and channels. Here its rows are channels, and its channels images.
		w := kernel.Windows{Y: best, At: taps, X: b.s.sums, N: small / nr, Cols: nr, Across: s.OutW, Left: s.OutW,
			Step: s.KW * nr, YStep: nr, AtStep: nr, KH: s.KH, KW: s.KW, Row: each, Pixel: nr, Square: s.KH == 2 && s.KW == 2}
		w.Run(false)
		row := besideRow{b.pooling.y, best, b.first, b.count, y, s.OutH, s.OutW}
		row.store(nr, (end-1-y)*s.OutW)
		row.to, row.values = b.pooling.at, taps
		row.store(nr, (end-1-y)*s.OutW)
	}
}

// besideRow is row y of some images, as values [channel, pixel, image], and where it belongs: in images first, first+1, ...
// of to, each of them of height x width pixels.
type besideRow struct {
	to            Matrix
	values        []float32
	first, count  int
	y             int
	height, width int
}

// store copies the row to where it belongs. It stores eight channels of a pixel at a time. Where an image has fewer, the
// vector reaches into the pixels behind it, which is allowed where these are stored later: in the row itself, and in after
// more pixels behind the row. The last pixels for which that is not so are copied value by value.
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

// copyOut copies pixels from x on of images [from, to).
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
