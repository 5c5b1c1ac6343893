package draw

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"
	"strings"
)

// Mark is a disc at a place, whose area stands for a third number.
type Mark struct {
	Name       string
	X, Y, Area float64
	Color      color.NRGBA // none: the first of Colors
}

// Scatter is discs over two axes, named beside them where there is room.
type Scatter struct {
	Title, X, Y string
	LogX        bool
	Marks       []Mark
	Width       float64 // 0: 860
	Height      float64 // 0: 560
}

// The radii of the largest and the smallest disc.
const (
	largestDisc  = 26
	smallestDisc = 2.5
)

// Scene lays the discs out, the largest behind. One that is not finite is left out.
func (c *Scatter) Scene() *Scene {
	frame := Chart{Title: c.Title, X: c.X, Y: c.Y, LogX: c.LogX, Width: c.Width, Height: c.Height, Series: []Series{{}}}
	if c.Width == 0 {
		frame.Width = 860
	}
	if c.Height == 0 {
		frame.Height = 560
	}
	marks, most := slices.Clone(c.Marks), 0.0
	for _, m := range marks {
		frame.Series[0].X, frame.Series[0].Y = append(frame.Series[0].X, m.X), append(frame.Series[0].Y, m.Y)
		most = max(most, m.Area)
	}
	x, y := frame.axes()
	x.widen(0.06)
	y.widen(0.06)
	x.place(left, frame.Width-right)
	y.place(frame.Height-bottom, top)
	s := &Scene{Width: frame.Width, Height: frame.Height}
	frame.frame(s, x, y)
	sort.SliceStable(marks, func(i, j int) bool { return compare(marks[j].Area, marks[i].Area) < 0 })
	taken := []rectangle{}
	for _, m := range marks {
		at, radius := Point{x.at(m.X), y.at(m.Y)}, max(smallestDisc, largestDisc*math.Sqrt(m.Area/most))
		if !(at.X-at.X == 0 && at.Y-at.Y == 0 && radius-radius == 0) {
			continue
		}
		paint := m.Color
		if paint.A == 0 {
			paint = Colors[0]
		}
		inside := paint
		inside.A = 110
		s.Disc(at, radius, inside)
		s.Disc(at, smallestDisc, paint)
		if place, ok := label(m.Name, at, s, taken); ok {
			taken = append(taken, place)
			s.Text(Point{place.left, place.top + 10}, m.Name, Start, Ink)
		}
	}
	return s
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// rectangle is where a name is.
type rectangle struct{ left, top, right, bottom float64 }

func (r rectangle) meets(o rectangle) bool {
	return r.left < o.right && o.left < r.right && r.top < o.bottom && o.top < r.bottom
}

// label finds room for a name around a place.
func label(name string, at Point, s *Scene, taken []rectangle) (rectangle, bool) {
	w := textWidth(name)
	for _, far := range []float64{5, 16} {
		for _, from := range []Point{{far, -6}, {-w - far, -6}, {-w / 2, -letterHeight - far}, {-w / 2, far}, {far, -letterHeight - far/2}, {far, far / 2}} {
			r := rectangle{at.X + from.X, at.Y + from.Y, at.X + from.X + w, at.Y + from.Y + letterHeight}
			inside := r.left >= left && r.right <= s.Width-4 && r.top >= top && r.bottom <= s.Height-bottom
			if inside && !slices.ContainsFunc(taken, r.meets) {
				return r, true
			}
		}
	}
	return rectangle{}, false
}

// disc is a filled circle.
type disc struct {
	at     Point
	radius float64
	color  color.NRGBA
}

// Disc fills a circle.
func (s *Scene) Disc(at Point, radius float64, c color.NRGBA) {
	s.items = append(s.items, disc{at, radius, c})
}

func (d disc) svg(b *strings.Builder) {
	fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="%s"%s/>`+"\n", short(d.at.X), short(d.at.Y), short(d.radius), hex(d.color), opacity("fill-opacity", d.color))
}

func (d disc) raster(r *raster) {
	const corners = 48
	points := make([]Point, corners)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		points[i] = Point{d.at.X + d.radius*cos, d.at.Y + d.radius*sin}
	}
	r.polygon(points...)
	r.paint(d.color)
}
