package draw

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Tile is a picture on a sheet.
type Tile struct {
	Image image.Image
	Name  string // below it; of one that is too long the end is left out
	Mark  image.Rectangle
}

// Sheet is rows of pictures.
type Sheet struct {
	Title   string
	Columns int // pictures in a row; 0: about a square
	Side    int // of the longest side of a picture, in pixels; it is enlarged by a whole number. 0: 64
	Tiles   []Tile
}

// Scene lays the sheet out.
func (s *Sheet) Scene() *Scene {
	columns, side := s.Columns, s.Side
	if columns < 1 {
		columns = max(1, int(math.Ceil(math.Sqrt(float64(len(s.Tiles))))))
	}
	if side < 1 {
		side = 64
	}
	const gap = 6
	w, h, named := 1, 1, false
	for _, t := range s.Tiles {
		tw, th := enlarged(t.Image, side)
		w, h, named = max(w, tw), max(h, th), named || t.Name != ""
	}
	line := h + gap
	if named {
		line += letterHeight
	}
	rows := (len(s.Tiles) + columns - 1) / columns
	const head = 30
	scene := &Scene{Width: math.Max(float64(columns*(w+gap)+gap), textWidth(s.Title)+2*gap), Height: float64(head + rows*line + gap)}
	scene.Title(Point{gap, 19}, s.Title)
	for i, t := range s.Tiles {
		x, y := float64(gap+i%columns*(w+gap)), float64(head+i/columns*line)
		tw, th := enlarged(t.Image, side)
		scene.Picture(Point{x, y}, float64(tw), float64(th), t.Image)
		scene.mark(t, x, y, tw)
		if name := []rune(t.Name); len(name) > 0 {
			scene.Text(Point{x, y + float64(h) + 11}, string(name[:min(len(name), w/letterWidth)]), Start, Soft)
		}
	}
	return scene
}

// mark draws a frame around the marked pixels of a tile.
func (s *Scene) mark(t Tile, x, y float64, width int) {
	if t.Mark.Empty() {
		return
	}
	f := float64(width) / float64(t.Image.Bounds().Dx())
	a := Point{x + f*float64(t.Mark.Min.X), y + f*float64(t.Mark.Min.Y)}
	b := Point{x + f*float64(t.Mark.Max.X), y + f*float64(t.Mark.Max.Y)}
	s.Line([]Point{a, {b.X, a.Y}, b, {a.X, b.Y}, a}, 1.5, Colors[1])
}

// enlarged is the size of a picture on the sheet: times a whole number, or as it is where it is larger than a side.
func enlarged(m image.Image, side int) (w, h int) {
	w, h = m.Bounds().Dx(), m.Bounds().Dy()
	f := max(1, side/max(1, w, h))
	return f * w, f * h
}

// Gray makes a picture of values [height, width, channels] of 1 or 3 channels; low is black and high is white. A picture
// of another number of channels is the mean of them.
func Gray(values []float32, height, width, channels int, low, high float32) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	level := func(v float32) uint8 {
		if !(high > low) || v != v {
			return 128
		}
		return uint8(min(max((v-low)/(high-low), 0), 1)*255 + 0.5)
	}
	for p := range height * width {
		v := values[p*channels : (p+1)*channels]
		c := color.NRGBA{A: 255}
		if channels == 3 {
			c.R, c.G, c.B = level(v[0]), level(v[1]), level(v[2])
		} else {
			sum := float32(0)
			for _, x := range v {
				sum += x
			}
			c.R = level(sum / float32(channels))
			c.G, c.B = c.R, c.R
		}
		m.SetNRGBA(p%width, p/width, c)
	}
	return m
}

// Span is the least and the greatest of values that are finite.
func Span(values []float32) (low, high float32) {
	low, high = float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return 0, 1
	}
	return low, high
}

// Matrix draws counts, a row for what is and a column for what it is taken for, darker where more of a row are.
func Matrix(title string, names []string, counts [][]int64) *Scene {
	const cell = 34
	side := 0.0
	for _, n := range names {
		side = max(side, textWidth(n))
	}
	side += 12
	head := 40 + side
	n := float64(len(names))
	s := &Scene{Width: max(side+n*cell+10, textWidth(title)+12), Height: head + n*cell + 10}
	s.Title(Point{6, 19}, title)
	for i, row := range counts {
		total := int64(0)
		for _, c := range row {
			total += c
		}
		y := head + float64(i)*cell
		s.Text(Point{side - 6, y + cell/2 + 4}, names[i], End, Ink)
		s.Turned(Point{side + float64(i)*cell + cell/2 + 4, head - 6}, names[i], Start, Ink)
		for k, c := range row {
			share := float64(c) / float64(max(1, total))
			at := Point{side + float64(k)*cell, y}
			s.Box(at, cell-1, cell-1, shade(share, i == k))
			if c > 0 {
				ink := Ink
				if share > 0.55 {
					ink = Paper
				}
				s.Text(Point{at.X + cell/2, at.Y + cell/2 + 4}, shortCount(c), Middle, ink)
			}
		}
	}
	return s
}

// shade is from almost white to blue for what is right, and to red for what is not, which already shows where it is little.
func shade(share float64, right bool) color.NRGBA {
	to := Colors[0]
	if !right {
		to, share = Colors[1], math.Sqrt(share)
	}
	mix := func(v uint8) uint8 { return uint8(244 + (float64(v)-244)*share) }
	return color.NRGBA{mix(to.R), mix(to.G), mix(to.B), 255}
}

func shortCount(c int64) string {
	if c < 10000 {
		return fmt.Sprint(c)
	}
	return tickText(math.Round(float64(c)/1000)*1000, 4)
}
