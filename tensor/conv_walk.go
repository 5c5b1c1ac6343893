package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// walk goes through the pixels of a class in order: along a row, down the rows of an image, and on to the next image.
type walk struct {
	x, y          int // the next pixel
	width, height int // of the class
	a, c          int // where it lies in the input, and in the output
	aX, cX        int // from it to the next of the row
	aRow, cRow    int // from the end of a row to the next row's start
	aImg, cImg    int // from the end of an image to the next image's start
}

// place puts the walk at pixel number p of a class.
func (g *gatherer) place(c class, p int) {
	r, x, y := g.r, c.x, c.y
	w := walk{width: x.n, height: y.n, aX: x.inBy * g.x.Stride, cX: x.outBy * g.y.Stride}
	q := p / w.width
	img := q / w.height
	w.x, w.y = p%w.width, q%w.height
	aRow, cRow := y.inBy*r.inW*g.x.Stride, y.outBy*r.outW*g.y.Stride
	aImg, cImg := r.inH*r.inW*g.x.Stride, r.outH*r.outW*g.y.Stride
	w.a = (y.in*r.inW+x.in)*g.x.Stride + img*aImg + w.y*aRow + w.x*w.aX
	w.c = (y.out*r.outW+x.out)*g.y.Stride + img*cImg + w.y*cRow + w.x*w.cX
	w.aRow, w.cRow = aRow-w.width*w.aX, cRow-w.width*w.cX
	w.aImg, w.cImg = aImg-w.height*aRow, cImg-w.height*cRow
	g.at = w
}

// rows fills in where the tile's rows lie, and goes on by as many pixels.
func (w *walk) rows(t *kernel.Tile) {
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
