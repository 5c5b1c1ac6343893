package draw

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// largest bounds the sides of what is rasterized.
const largest = 1 << 14

// raster is a scene in pixels.
type raster struct {
	to       *image.NRGBA
	lines    *vector.Rasterizer
	polygons [][]Point // that paint fills next
}

// PNG writes the scene in pixels.
func (s *Scene) PNG(w io.Writer) error {
	m, err := s.Image()
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	return e.Encode(w, m)
}

// Image is the scene in pixels.
func (s *Scene) Image() (*image.NRGBA, error) {
	width, height := int(math.Ceil(s.Width)), int(math.Ceil(s.Height))
	if width < 1 || height < 1 || width > largest || height > largest {
		return nil, fmt.Errorf("a picture of %dx%d pixels: from 1 to %d on a side; draw less, or write .svg", width, height, largest)
	}
	r := &raster{to: image.NewNRGBA(image.Rect(0, 0, width, height)), lines: &vector.Rasterizer{}}
	draw.Draw(r.to, r.to.Rect, image.NewUniform(Paper), image.Point{}, draw.Src)
	for _, i := range s.items {
		i.raster(r)
	}
	return r.to, nil
}

// paint fills the polygons. It works on the rectangle around them alone: the rasterizer goes through all of its pixels,
// and a tall picture has thousands of lines.
func (r *raster) paint(c color.NRGBA) {
	around, polygons := r.around(), r.polygons
	r.polygons = nil
	if around.Empty() {
		return
	}
	r.lines.Reset(around.Dx(), around.Dy())
	for _, points := range polygons {
		for i, p := range points {
			if x, y := float32(p.X-float64(around.Min.X)), float32(p.Y-float64(around.Min.Y)); i == 0 {
				r.lines.MoveTo(x, y)
			} else {
				r.lines.LineTo(x, y)
			}
		}
		r.lines.ClosePath()
	}
	r.lines.DrawOp = draw.Over
	r.lines.Draw(r.to, around, image.NewUniform(c), image.Point{})
}

// around is the rectangle of pixels around the polygons, as far as the picture goes.
func (r *raster) around() image.Rectangle {
	width, height := float64(r.to.Rect.Dx()), float64(r.to.Rect.Dy())
	left, top, right, bottom := width, height, 0.0, 0.0
	for _, points := range r.polygons {
		for _, p := range points {
			left, right = min(left, max(p.X, 0)), max(right, min(p.X, width))
			top, bottom = min(top, max(p.Y, 0)), max(bottom, min(p.Y, height))
		}
	}
	if !(left < right && top < bottom) {
		return image.Rectangle{}
	}
	return image.Rect(int(left), int(top), int(math.Ceil(right)), int(math.Ceil(bottom)))
}

// raster fills a rectangle along each piece, and a square at each joint. All go round one way, so that they add up.
func (l line) raster(r *raster) {
	for i := 1; i < len(l.points); i++ {
		a, b := l.points[i-1], l.points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length == 0 {
			continue
		}
		// Half of the width across, and on at either end so that joints have no gaps.
		ux, uy := (b.X-a.X)/length*l.width/2, (b.Y-a.Y)/length*l.width/2
		a, b = Point{a.X - ux/2, a.Y - uy/2}, Point{b.X + ux/2, b.Y + uy/2}
		r.polygon(Point{a.X - uy, a.Y + ux}, Point{b.X - uy, b.Y + ux}, Point{b.X + uy, b.Y - ux}, Point{a.X + uy, a.Y - ux})
	}
	r.paint(l.color)
}

// polygon adds one to those that paint fills.
func (r *raster) polygon(points ...Point) { r.polygons = append(r.polygons, points) }

func (x box) raster(r *raster) {
	if x.width <= 0 || x.height <= 0 {
		return
	}
	a, b := x.at, Point{x.at.X + x.width, x.at.Y + x.height}
	if whole(a.X, a.Y, b.X, b.Y) { // exact, and much faster
		draw.Draw(r.to, image.Rect(int(a.X), int(a.Y), int(b.X), int(b.Y)), image.NewUniform(x.color), image.Point{}, draw.Over)
		return
	}
	r.polygon(a, Point{b.X, a.Y}, b, Point{a.X, b.Y})
	r.paint(x.color)
}

func whole(values ...float64) bool {
	for _, v := range values {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

func (t text) raster(r *raster) {
	letters := plain(t.text)
	m := image.NewNRGBA(image.Rect(0, 0, len(letters)*letterWidth+1, letterHeight))
	const baseline = 10
	for times := range 2 {
		if times == 1 && !t.bold {
			break
		}
		d := font.Drawer{Dst: m, Src: image.NewUniform(t.color), Face: basicfont.Face7x13, Dot: fixed.P(times, baseline)}
		d.DrawString(letters)
	}
	shift := map[Anchor]int{Middle: len(letters) * letterWidth / 2, End: len(letters) * letterWidth}[t.anchor]
	x, y := int(math.Round(t.at.X)), int(math.Round(t.at.Y))
	if !t.turned {
		draw.Draw(r.to, m.Rect.Add(image.Pt(x-shift, y-baseline)), m, image.Point{}, draw.Over)
		return
	}
	turned := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dy(), m.Rect.Dx()))
	for row := range m.Rect.Dy() {
		for col := range m.Rect.Dx() {
			turned.SetNRGBA(row, m.Rect.Dx()-1-col, m.NRGBAAt(col, row))
		}
	}
	draw.Draw(r.to, turned.Rect.Add(image.Pt(x-baseline, y+shift-m.Rect.Dx())), turned, image.Point{}, draw.Over)
}

// plain is a text in the characters of the font.
func plain(t string) string {
	var out []byte
	for _, c := range t {
		switch {
		case c >= ' ' && c <= '~':
			out = append(out, byte(c))
		case c == '×':
			out = append(out, 'x')
		case c == '–' || c == '−':
			out = append(out, '-')
		default:
			out = append(out, '?')
		}
	}
	return string(out)
}

// raster takes the nearest pixel.
func (p picture) raster(r *raster) {
	from := p.image.Bounds()
	x0, y0, w, h := int(p.at.X), int(p.at.Y), int(p.width), int(p.height)
	for y := range h {
		for x := range w {
			r.to.Set(x0+x, y0+y, p.image.At(from.Min.X+x*from.Dx()/w, from.Min.Y+y*from.Dy()/h))
		}
	}
}

func (p placed) raster(r *raster) {
	m, err := p.scene.Image()
	if err != nil {
		return // it is larger than the whole, which has been refused
	}
	draw.Draw(r.to, m.Rect.Add(image.Pt(int(p.at.X), int(p.at.Y))), m, image.Point{}, draw.Over)
}
