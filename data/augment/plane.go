package augment

import "github.com/rondo-ml/rondo/data/picture"

// plane is a picture that operations change one after the other. The first picture is the caller's and is not written.
type plane struct {
	now, spare picture.Picture
	buffers    [2][]byte
	at         int // which buffer is free
	fill       byte
	filled     bool // whether fill stands for what operations fill with
}

// next is a new picture, to be made of now and put in its place by done.
func (p *plane) next(height, width, channels int) *picture.Picture {
	n := height * width * channels
	if cap(p.buffers[p.at]) < n {
		p.buffers[p.at] = make([]byte, n)
	}
	p.spare = picture.Picture{Height: height, Width: width, Channels: channels, Pixels: p.buffers[p.at][:n]}
	return &p.spare
}

func (p *plane) done() {
	p.now = p.spare
	p.at ^= 1
}

// alike is a new picture of the same size.
func (p *plane) alike() *picture.Picture { return p.next(p.now.Height, p.now.Width, p.now.Channels) }

// row is the pixels of row y.
func row(p *picture.Picture, y int) []byte {
	n := p.Width * p.Channels
	return p.Pixels[y*n:][:n]
}

// border says what lies outside of a picture.
type border struct {
	value   byte
	reflect bool // the picture mirrored, its outermost pixels once
	edge    bool // its outermost pixels
}

func borderOf(a *args, name string) border {
	v := a.given[name]
	if v == "reflect" || v == "edge" {
		a.keep(name, v)
		return border{reflect: v == "reflect", edge: v == "edge"}
	}
	n, ok := number(v)
	if !ok || n != float64(byte(max(0, min(255, n)))) {
		a.fail(name, "a value from 0 to 255, reflect or edge")
	}
	a.keep(name, plain(n))
	return border{value: byte(max(0, min(255, n)))}
}

// inside is the place that stands for place i of n, or -1 for none.
func (b border) inside(i, n int) int {
	switch {
	case i >= 0 && i < n:
		return i
	case b.edge:
		return max(0, min(n-1, i))
	case !b.reflect:
		return -1
	case n == 1:
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// window takes a part of the picture that may lie outside of it.
func (r *runner) window(top, left, height, width int, b border) {
	if p := &r.image.now; top == 0 && left == 0 && height == p.Height && width == p.Width {
		return
	}
	r.image.window(top, left, height, width, b)
	if r.masked {
		r.mask.window(top, left, height, width, b)
	}
}

func (p *plane) window(top, left, height, width int, b border) {
	if p.filled {
		b.value = p.fill
	}
	from, to, n := &p.now, p.next(height, width, p.now.Channels), p.now.Channels
	lo, hi := max(0, min(width, -left)), max(0, min(width, from.Width-left)) // columns that lie within
	hi = max(lo, hi)
	for y := range height {
		into := row(to, y)
		fromY := b.inside(top+y, from.Height)
		if fromY < 0 {
			flood(into, b.value)
			continue
		}
		pixels := row(from, fromY)
		if lo < hi {
			copy(into[lo*n:hi*n], pixels[(lo+left)*n:])
		}
		p.beside(into, pixels, left, 0, lo, b)
		p.beside(into, pixels, left, hi, width, b)
	}
	p.done()
}

// beside fills columns lo to hi of a row of a window.
func (p *plane) beside(into, pixels []byte, left, lo, hi int, b border) {
	n := p.now.Channels
	for x := lo; x < hi; x++ {
		at := b.inside(left+x, p.now.Width)
		if at < 0 {
			flood(into[x*n:hi*n], b.value)
			return
		}
		copy(into[x*n:][:n], pixels[at*n:])
	}
}

func flood(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// resize makes the pictures of a part of themselves, the mask of the nearest pixels.
func (r *runner) resize(box picture.Box, s size, f picture.Filter) {
	p := &r.image
	if whole := (picture.Box{Height: p.now.Height, Width: p.now.Width}); box == whole && box.Height == s.height && box.Width == s.width {
		return
	}
	r.resizer.Resize(p.next(s.height, s.width, p.now.Channels), &p.now, box, f)
	p.done()
	if p = &r.mask; r.masked {
		r.resizer.Resize(p.next(s.height, s.width, p.now.Channels), &p.now, box, picture.Nearest)
		p.done()
	}
}
