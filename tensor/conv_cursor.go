package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// cursor goes through the pixels of a class in order: along a row, down the rows of an image, and on to the next image.
type cursor struct {
	x, y          int // the next pixel
	width, height int // of the class in one image
	a, c          int // where the pixel lies in the input, and in the output
	aX, cX        int // from one pixel of a row to the next
	aRow, cRow    int // from the end of a row to the next row's start
	aImg, cImg    int // from the end of an image to the next image's start
}

// seek moves the cursor to pixel number p of a class, counted over all images.
func (g *gatherer) seek(c class, p int) {
	r, x, y := g.r, c.x, c.y
	at := cursor{width: x.n, height: y.n, aX: x.inBy * g.x.Stride, cX: x.outBy * g.y.Stride}
	q := p / at.width
	img := q / at.height
	at.x, at.y = p%at.width, q%at.height
	aRow, cRow := y.inBy*r.inW*g.x.Stride, y.outBy*r.outW*g.y.Stride
	aImg, cImg := r.inH*r.inW*g.x.Stride, r.outH*r.outW*g.y.Stride
	at.a = (y.in*r.inW+x.in)*g.x.Stride + img*aImg + at.y*aRow + at.x*at.aX
	at.c = (y.out*r.outW+x.out)*g.y.Stride + img*cImg + at.y*cRow + at.x*at.cX
	at.aRow, at.cRow = aRow-at.width*at.aX, cRow-at.width*at.cX
	at.aImg, at.cImg = aImg-at.height*aRow, cImg-at.height*cRow
	g.at = at
}

// rows sets where the tile's rows begin, in the input and in the output, and moves on by as many pixels.
func (w *cursor) rows(t *kernel.Tile) {
	a, c := w.a, w.c
	for i := 0; i < t.Rows; {
		n := min(t.Rows-i, w.width-w.x)
		arows := t.ARow[i : i+n]
		crows := t.CRow[i:][:len(arows)]
		for j := range arows {
			arows[j], crows[j] = a, c
			a += w.aX
			c += w.cX
		}
		i += n
		if w.x += n; w.x < w.width {
			break
		}
		w.x, a, c = 0, a+w.aRow, c+w.cRow
		if w.y++; w.y == w.height {
			w.y, a, c = 0, a+w.aImg, c+w.cImg
		}
	}
	w.a, w.c = a, c
}
