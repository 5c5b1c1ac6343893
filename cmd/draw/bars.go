package draw

import (
	"fmt"
	"image/color"
	"math"
	"strings"
)

// Bars are stretches of time, a row for each name.
type Bars struct {
	Title, X string
	Rows     []BarRow
	End      float64 // where the axis ends
	Width    float64 // 0: 720
}

// BarRow is a row of bars.
type BarRow struct {
	Name  string
	Spans [][2]float64 // from, to
	Color color.NRGBA
}

const barRow = 18 // pixels

// Scene lays the bars out.
func (b *Bars) Scene() *Scene {
	width, names := b.Width, 0.0
	if width == 0 {
		width = 720
	}
	for _, r := range b.Rows {
		names = max(names, textWidth(r.Name))
	}
	from, low := names+18, float64(top+barRow*len(b.Rows))
	s := &Scene{Width: max(width, from+100), Height: low + bottom}
	x := axis{low: 0, high: max(b.End, math.SmallestNonzeroFloat64)}
	x.place(from, s.Width-right)
	s.Title(Point{from, 20}, b.Title)
	for _, t := range x.ticks(int((s.Width - from) / 110)) {
		at := math.Round(x.at(t.value))
		s.Box(Point{at, top}, 1, low-top, Faint)
		s.Text(Point{at, low + 17}, t.name, Middle, Soft)
	}
	s.Text(Point{(from + s.Width - right) / 2, low + 35}, b.X, Middle, Soft)
	for i, r := range b.Rows {
		y := float64(top + barRow*i)
		s.Text(Point{from - 8, y + 13}, r.Name, End, Ink)
		for _, span := range r.Spans {
			at := x.at(span[0])
			s.Box(Point{at, y + 3}, max(1, x.at(span[1])-at), barRow-6, r.Color)
		}
	}
	return s
}

// Terminal prints the bars in characters, at most columns wide.
func (b *Bars) Terminal(columns int, colored bool) string {
	names := 0
	for _, r := range b.Rows {
		names = max(names, len([]rune(r.Name)))
	}
	cells := max(10, columns-names-1)
	at := func(v float64) int { return min(cells-1, max(0, int(v/b.End*float64(cells)))) }
	var out strings.Builder
	fmt.Fprintln(&out, b.Title)
	for _, r := range b.Rows {
		line := []rune(strings.Repeat(" ", cells))
		for _, span := range r.Spans {
			for i := at(span[0]); i <= at(math.Nextafter(span[1], span[0])); i++ {
				line[i] = '█'
			}
		}
		fmt.Fprintf(&out, "%*s %s\n", names, r.Name, inColor(strings.TrimRight(string(line), " "), r.Color, colored))
	}
	last := fmt.Sprintf("%.4g", b.End)
	fmt.Fprintf(&out, "%*s 0%*s\n%*s %s\n", names, "", cells-1, last, names, "", b.X)
	return out.String()
}
