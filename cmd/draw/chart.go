package draw

import (
	"image/color"
	"math"
)

// Series is a curve.
type Series struct {
	Name  string
	X, Y  []float64
	Faint bool        // a thin line that others are seen through
	Dots  bool        // points without a line between them
	Cloud bool        // as Dots, but small, for many of them
	Names []string    // of the points of a cloud, written beside them where there is room
	Color color.NRGBA // none: the next of Colors
}

// Chart is curves over one axis.
type Chart struct {
	Title, X, Y string // what is drawn, and what the axes say
	LogX, LogY  bool
	Even        bool // both axes have one scale, and no figures: only how far points lie apart means something
	Series      []Series
	Width       float64 // 0: 720
	Height      float64 // 0: 360
}

// The room around the curves.
const (
	left, right, top, bottom = 66, 16, 34, 44
	legendLine               = 16
)

// Scene lays the chart out.
func (c *Chart) Scene() *Scene {
	width, height := c.size()
	s := &Scene{Width: width, Height: height + float64(len(c.legend(width)))*legendLine}
	x, y := c.axes()
	x.place(left, width-right)
	y.place(height-bottom, top)
	if c.Even {
		even(&x, &y)
	}
	c.frame(s, x, y)
	for i := range c.Series {
		c.curve(s, i, x, y)
	}
	c.writeNames(s, x, y)
	c.drawLegend(s, width, height)
	return s
}

// frame draws the title, the axes and their lines.
func (c *Chart) frame(s *Scene, x, y axis) {
	width, height := c.size()
	s.Title(Point{left, 20}, c.Title)
	for _, t := range c.ticks(y, 7) {
		at := y.at(t.value)
		s.Box(Point{left, math.Round(at)}, width-left-right, 1, Faint)
		s.Text(Point{left - 8, at + 4}, t.name, End, Soft)
	}
	for _, t := range c.ticks(x, int(width/110)) {
		at := math.Round(x.at(t.value))
		s.Box(Point{at, top}, 1, height-bottom-top, Faint)
		s.Text(Point{at, height - bottom + 17}, t.name, Middle, Soft)
	}
	if !c.Even {
		s.Box(Point{left, height - bottom}, width-left-right, 1, Soft)
	}
	s.Text(Point{(left + width - right) / 2, height - 9}, c.X, Middle, Soft)
	s.Turned(Point{14, (top + height - bottom) / 2}, c.Y, Middle, Soft)
}

// ticks are about n values that are named on an axis.
func (c *Chart) ticks(a axis, n int) []tick {
	if c.Even {
		return nil
	}
	return a.ticks(n)
}

func (c *Chart) size() (width, height float64) {
	width, height = c.Width, c.Height
	if width == 0 {
		width = 720
	}
	if height == 0 {
		height = 360
	}
	return width, height
}

// color is that of series i.
func (c *Chart) color(i int) color.NRGBA {
	if own := c.Series[i].Color; own.A > 0 {
		return own
	}
	return Colors[i%len(Colors)]
}

func (c *Chart) curve(s *Scene, i int, x, y axis) {
	series, paint := &c.Series[i], c.color(i)
	points := make([]Point, min(len(series.X), len(series.Y)))
	for k := range points {
		points[k] = Point{x.at(series.X[k]), y.at(series.Y[k])}
	}
	if series.Dots || series.Cloud {
		for _, p := range points {
			switch {
			case math.IsNaN(p.X) || math.IsNaN(p.Y):
			case series.Cloud:
				seen := paint
				seen.A = 190 // what lies below is seen
				s.Disc(p, 2.5, seen)
			default:
				s.Box(Point{p.X - 2.5, p.Y - 2.5}, 5, 5, paint)
			}
		}
		return
	}
	width := 1.6
	if series.Faint {
		width, paint.A = 1, 110
	}
	s.Line(thinned(points), width, paint)
}

// thinned leaves of the points in each column of pixels the first, the least, the greatest and the last: no peak is lost.
func thinned(points []Point) (out []Point) {
	for i := 0; i < len(points); {
		end, low, high := i, i, i
		for end < len(points) && math.Floor(points[end].X) == math.Floor(points[i].X) && !math.IsNaN(points[end].Y) {
			if points[end].Y < points[low].Y {
				low = end
			}
			if points[end].Y > points[high].Y {
				high = end
			}
			end++
		}
		if end == i { // not finite: a gap
			out = append(out, points[i])
			i++
			continue
		}
		last := -1
		for _, k := range []int{i, min(low, high), max(low, high), end - 1} {
			if k != last {
				out = append(out, points[k])
			}
			last = k
		}
		i = end
	}
	return out
}

// legend is the series by line of the legend; none where one series needs no name.
func (c *Chart) legend(width float64) (lines [][]int) {
	if len(c.Series) < 2 && (len(c.Series) == 0 || c.Series[0].Name == "") {
		return nil
	}
	at := width
	for i := range c.Series {
		if c.Series[i].Name == "" {
			continue
		}
		w := textWidth(c.Series[i].Name) + 34
		if at+w > width-right {
			lines, at = append(lines, nil), left
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], i)
		at += w
	}
	return lines
}

func (c *Chart) drawLegend(s *Scene, width, height float64) {
	for row, of := range c.legend(width) {
		at, y := float64(left), height+float64(row)*legendLine
		for _, i := range of {
			if c.Series[i].Dots || c.Series[i].Cloud {
				s.Box(Point{at + 5, y + 3}, 5, 5, c.color(i))
			} else {
				s.Box(Point{at, y + 4}, 14, 3, c.color(i))
			}
			s.Text(Point{at + 20, y + 9}, c.Series[i].Name, Start, Ink)
			at += textWidth(c.Series[i].Name) + 34
		}
	}
}
