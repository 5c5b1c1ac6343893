package draw

import (
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"
	"math"
	"strings"
)

// Terminal prints the chart in Braille dots, columns wide and lines high, with its series in the colors of the scene where
// the terminal shows them.
func (c *Chart) Terminal(columns, lines int, colored bool) string {
	const labels = 9
	x, y := c.axes()
	w, h := max(columns-labels-1, 8), max(lines-3, 4)
	x.place(0, float64(2*w-1))
	y.place(float64(4*h-1), 0)
	if c.Even {
		even(&x, &y)
	}
	dots, owner := make([]uint8, w*h), make([]int, w*h)
	for i := range c.Series {
		c.dot(i, x, y, w, h, dots, owner)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", c.Title)
	names := map[int]string{}
	for _, t := range c.ticks(y, h/3) {
		names[int(math.Round(y.at(t.value)))/4] = t.name
	}
	for row := range h {
		fmt.Fprintf(&b, "%*s ", labels, names[row])
		for col := range w {
			cell := row*w + col
			b.WriteString(inColor(string(rune(0x2800+int(dots[cell]))), c.color(owner[cell]), colored && dots[cell] > 0))
		}
		b.WriteByte('\n')
	}
	below := []byte(strings.Repeat(" ", columns+labels))
	for _, t := range c.ticks(x, max(2, w/16)) {
		at := min(labels+1+int(x.at(t.value))/2-len(t.name)/2, columns-len(t.name))
		copy(below[max(at, 0):], t.name)
	}
	fmt.Fprintf(&b, "%s  %s\n", strings.TrimRight(string(below), " "), c.X)
	for i := range c.Series {
		if c.Series[i].Name != "" {
			key := "━━"
			if c.Series[i].Dots || c.Series[i].Cloud {
				key = "⣿ "
			}
			fmt.Fprintf(&b, "%*s %s %s\n", labels, "", inColor(key, c.color(i), colored), c.Series[i].Name)
		}
	}
	return b.String()
}

// dot sets the dots of a series, with lines between points; or whole characters at its points, where these have none.
func (c *Chart) dot(i int, x, y axis, w, h int, dots []uint8, owner []int) {
	s := &c.Series[i]
	set := func(px, py float64) {
		col, row := int(math.Round(px)), int(math.Round(py))
		if col < 0 || row < 0 || col >= 2*w || row >= 4*h {
			return
		}
		bit := [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}[row%4][col%2]
		cell := row/4*w + col/2
		if dots[cell] |= bit; s.Dots {
			dots[cell] = 0xff
		}
		owner[cell] = i
	}
	was := Point{math.NaN(), math.NaN()}
	for k := range min(len(s.X), len(s.Y)) {
		p := Point{x.at(s.X[k]), y.at(s.Y[k])}
		if math.IsNaN(p.X) || math.IsNaN(p.Y) {
			was = Point{math.NaN(), math.NaN()}
			continue
		}
		set(p.X, p.Y)
		if s.Dots || s.Cloud {
			continue
		}
		if steps := math.Ceil(max(math.Abs(p.X-was.X), math.Abs(p.Y-was.Y))); steps > 1 {
			for j := 1.0; j < steps; j++ {
				set(was.X+(p.X-was.X)*j/steps, was.Y+(p.Y-was.Y)*j/steps)
			}
		}
		was = p
	}
}

func inColor(t string, c color.NRGBA, colored bool) string {
	if !colored {
		return t
	}
	return fmt.Sprintf("\x1b[38;2;%d;%d;%dm%s\x1b[0m", c.R, c.G, c.B, t)
}

// Blocks prints a picture in half blocks, two pixels to a character, at most columns wide.
func Blocks(m image.Image, columns int) string {
	from := m.Bounds()
	w := max(1, min(from.Dx(), columns))
	h := max(1, from.Dy()*w/max(1, from.Dx()))
	at := func(x, y int) color.NRGBA {
		if y >= h {
			return Paper
		}
		return color.NRGBAModel.Convert(m.At(from.Min.X+x*from.Dx()/w, from.Min.Y+y*from.Dy()/h)).(color.NRGBA)
	}
	var b strings.Builder
	for y := 0; y < h; y += 2 {
		for x := range w {
			u, d := at(x, y), at(x, y+1)
			fmt.Fprintf(&b, "\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm▀", u.R, u.G, u.B, d.R, d.G, d.B)
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

// Terminal prints the tiles of the sheet in blocks, as many in a row as there is room for.
func (s *Sheet) Terminal(columns int) string {
	w, h := 1, 1
	for _, t := range s.Tiles {
		w, h = max(w, t.Image.Bounds().Dx()), max(h, t.Image.Bounds().Dy())
	}
	perRow := max(1, min(columns/(w+1), len(s.Tiles)))
	m := image.NewNRGBA(image.Rect(0, 0, perRow*(w+1), (len(s.Tiles)+perRow-1)/perRow*(h+1)))
	stddraw.Draw(m, m.Rect, image.NewUniform(Paper), image.Point{}, stddraw.Src)
	for i, t := range s.Tiles {
		to := t.Image.Bounds().Sub(t.Image.Bounds().Min).Add(image.Pt(i%perRow*(w+1), i/perRow*(h+1)))
		stddraw.Draw(m, to, t.Image, t.Image.Bounds().Min, stddraw.Src)
	}
	return Blocks(m, columns)
}
