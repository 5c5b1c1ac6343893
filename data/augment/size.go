package augment

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/nn/portable"
)

// resize makes pictures of one size, whatever their proportions were.
type resize struct {
	to     size
	filter picture.Filter
}

func (o resize) run(r *runner, _ *draws) {
	r.resize(picture.Box{Height: r.image.now.Height, Width: r.image.now.Width}, o.to, o.filter)
}
func (o resize) fixed()                   {}
func (o resize) size(int, int) (int, int) { return o.to.height, o.to.width }
func (o resize) at(s size) action         { o.to = s; return o }

// short makes the short side of pictures so long and keeps their proportions, except that a side is at most elongated
// times the other.
type short struct {
	side   int
	filter picture.Filter
}

const elongated = 32

func (o short) run(r *runner, _ *draws) {
	h, w := o.size(r.image.now.Height, r.image.now.Width)
	resize{size{h, w}, o.filter}.run(r, nil)
}
func (o short) fixed() {}

func (o short) size(h, w int) (int, int) {
	switch {
	case h == 0 || w == 0:
		return 0, 0
	case h <= w:
		return o.side, int(min(int64(o.side)*int64(w)/int64(h), int64(elongated*o.side)))
	}
	return int(min(int64(o.side)*int64(h)/int64(w), int64(elongated*o.side))), o.side
}

// middle takes the middle of pictures, and fills what smaller ones lack.
type middle struct {
	to   size
	fill border
}

func (o middle) run(r *runner, _ *draws) {
	h, w := r.image.now.Height, r.image.now.Width
	r.window(margin(h, o.to.height), margin(w, o.to.width), o.to.height, o.to.width, o.fill)
}
func (o middle) fixed()                   {}
func (o middle) size(int, int) (int, int) { return o.to.height, o.to.width }
func (o middle) at(s size) action         { o.to = s; return o }

// margin is where n pixels of the middle of a side begin.
func margin(side, n int) int {
	if n > side {
		return -((n - side) / 2)
	}
	return int(math.RoundToEven(float64(side-n) / 2))
}

// padTo fills up pictures that are smaller than a size, on all sides alike.
type padTo struct{ middle }

func (o padTo) run(r *runner, d *draws) {
	h, w := o.size(r.image.now.Height, r.image.now.Width)
	middle{size{h, w}, o.fill}.run(r, d)
}

func (o padTo) size(h, w int) (int, int) {
	if h > 0 {
		h = max(h, o.to.height)
	}
	if w > 0 {
		w = max(w, o.to.width)
	}
	return h, w
}
func (o padTo) at(s size) action { o.to = s; return o }

// crop takes a random part of pictures that were padded on all sides.
type crop struct {
	to   size
	pad  int
	fill border
}

func (o crop) run(r *runner, d *draws) {
	place := func(side, n int) int {
		pad := o.pad + max(0, n-side-2*o.pad) // a small picture is padded until it has room
		return d.below(side+2*pad-n+1) - pad
	}
	top := place(r.image.now.Height, o.to.height)
	left := place(r.image.now.Width, o.to.width)
	r.window(top, left, o.to.height, o.to.width, o.fill)
}
func (o crop) size(int, int) (int, int) { return o.to.height, o.to.width }
func (o crop) at(s size) action         { o.to = s; return o }
func (o crop) settled() string          { return fmt.Sprintf("center-crop %dx%d", o.to.height, o.to.width) }

// cropResize takes a random part of a random area and ratio, and makes it one size (Szegedy et al., 2014).
type cropResize struct {
	to           size
	scale, ratio span // of the area; of width to height
	filter       picture.Filter
}

func (o cropResize) run(r *runner, d *draws) {
	p := &r.image.now
	r.resize(o.box(p.Height, p.Width, d), o.to, o.filter)
}
func (o cropResize) size(int, int) (int, int) { return o.to.height, o.to.width }
func (o cropResize) at(s size) action         { o.to = s; return o }

// settled keeps the usual proportion of 224 pixels of the middle of 256.
func (o cropResize) settled() string {
	return fmt.Sprintf("short %d filter=%s, center-crop %dx%d",
		(max(o.to.height, o.to.width)*8+3)/7, o.filter, o.to.height, o.to.width)
}

// box draws a part: ten tries, then the largest part of the middle with an allowed ratio.
func (o cropResize) box(height, width int, d *draws) picture.Box {
	area := float64(height) * float64(width)
	for range 10 {
		a := float64(area * d.in(o.scale))
		ratio := d.logUniform(o.ratio)
		w := int(math.RoundToEven(math.Sqrt(float64(a * ratio))))
		h := int(math.RoundToEven(math.Sqrt(a / ratio)))
		if 0 < w && w <= width && 0 < h && h <= height {
			top := d.below(height - h + 1)
			return picture.Box{Top: top, Left: d.below(width - w + 1), Height: h, Width: w}
		}
	}
	h, w := height, width
	switch in := float64(width) / float64(height); {
	case in < o.ratio.lo:
		h = int(math.RoundToEven(float64(width) / o.ratio.lo))
	case in > o.ratio.hi:
		w = int(math.RoundToEven(float64(float64(height) * o.ratio.hi)))
	}
	h, w = max(1, min(h, height)), max(1, min(w, width))
	return picture.Box{Top: (height - h) / 2, Left: (width - w) / 2, Height: h, Width: w}
}

// turnedBy is the cosine and the sine of an angle in degrees, within [-180, 180].
func turnedBy(degrees float64) (cos, sin float64) {
	half := math.Abs(degrees) / 180
	cos, sin = portable.CosPi(half), portable.CosPi(math.Abs(half-0.5))
	return cos, math.Copysign(sin, degrees)
}
