package picture

import (
	"image"
	"sync"
)

// spare keeps the memory of large pictures that were freed, as *[]byte, so that decoding one after the other does not keep
// the garbage collector busy.
var spare sync.Pool

// leastSpare is the size in bytes from which on memory is kept.
const leastSpare = 64 << 10

// memory gives n bytes, whatever is in them.
func memory(n int) []byte {
	if n >= leastSpare {
		if b, _ := spare.Get().(*[]byte); b != nil && cap(*b) >= n {
			return (*b)[:n]
		}
	}
	return make([]byte, n)
}

func giveBack(b []byte) {
	if b = b[:cap(b)]; len(b) >= leastSpare {
		spare.Put(&b)
	}
}

// Free gives the memory of a picture to those that are decoded later. The picture must not be used any more, nor may
// another that shares its pixels.
func (p *Picture) Free() {
	giveBack(p.Pixels)
	p.Pixels = nil
}

// freeImage frees what a decoder made.
func freeImage(img image.Image) {
	switch m := img.(type) {
	case *image.Gray:
		giveBack(m.Pix)
	case *image.YCbCr:
		giveBack(m.Y) // the other planes lie behind it, or are left to the garbage collector
	}
}

// newPlanes is image.NewYCbCr with its planes one after the other, whatever is in them.
func newPlanes(r image.Rectangle, ratio image.YCbCrSubsampleRatio, colour image.Rectangle) *image.YCbCr {
	n, m := r.Dx()*r.Dy(), colour.Dx()*colour.Dy()
	b := memory(n + 2*m)
	return &image.YCbCr{Y: b[:n], Cb: b[n : n+m : n+m], Cr: b[n+m : n+2*m : n+2*m], YStride: r.Dx(), CStride: colour.Dx(), SubsampleRatio: ratio, Rect: r}
}

// resizers keeps the memory of resizing, as *Resizer.
var resizers = sync.Pool{New: func() any { return new(Resizer) }}
