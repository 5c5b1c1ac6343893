package cmd

import (
	"fmt"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/search"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// The measures of a drawn cell, in pixels: inputs stand on the left, nodes go to the right and down, and what the cell makes is
// below them.
const (
	cellBox   = 150
	cellLine  = 16
	cellStep  = 36 // between boxes, across
	cellDown  = 76 // between boxes, down
	cellRoom  = 20
	cellTitle = 50
)

// cellsScene draws the two cells of a child beside each other.
func cellsScene(c search.Child) *draw.Scene {
	s := &draw.Scene{}
	s.Title(draw.Point{X: cellRoom, Y: 20}, fmt.Sprintf("child %d: accuracy %s, %s multiply-adds", c.Number, accuracyText(c), countOr(c.MultiplyAdds, "0")))
	left := float64(cellRoom)
	for _, one := range []struct{ name, text string }{{"normal", c.Normal}, {"reduce", c.Reduce}} {
		cell, err := zoo.ParseCell(one.text)
		if err != nil {
			continue // none of this search
		}
		s.Text(draw.Point{X: left, Y: 40}, one.name, draw.Start, draw.Soft)
		width, height := drawCell(s, cell, left)
		left += width + 2*cellRoom
		s.Height = max(s.Height, height+cellRoom)
	}
	s.Width = max(left, 460)
	return s
}

// drawCell draws one cell from a left edge on, and returns its width and lower end.
func drawCell(s *draw.Scene, c zoo.Cell, left float64) (width, bottom float64) {
	at := func(input int) draw.Point {
		return draw.Point{X: left + float64(input)*cellStep, Y: cellTitle + float64(input)*cellDown}
	}
	box := func(input int, paint int, lines ...string) {
		p := at(input)
		height := float64(len(lines)*cellLine + 10)
		s.Box(p, cellBox, height, draw.Faint)
		s.Box(p, 4, height, draw.Colors[paint%len(draw.Colors)])
		for i, text := range lines {
			s.Text(draw.Point{X: p.X + 12, Y: p.Y + float64((i+1)*cellLine)}, text, draw.Start, draw.Ink)
		}
	}
	box(zoo.CellHere, 7, "h: the cell before")
	box(zoo.CellBefore, 7, "p: the one before")
	for i, node := range c {
		var lines []string
		for _, t := range node {
			lines = append(lines, t.String())
			drawLead(s, at(t.Input), at(zoo.CellNodes+i), t.Input)
		}
		box(zoo.CellNodes+i, i, append([]string{fmt.Sprintf("%d", i+1)}, lines...)...)
	}
	end := zoo.CellNodes + len(c)
	for _, input := range c.Ends() {
		drawLead(s, at(input), at(end), input)
	}
	box(end, 7, "joined")
	return float64(end)*cellStep + cellBox, at(end).Y + 2*cellLine
}

// drawLead draws a line from the lower edge of one box to the left edge of one further down.
func drawLead(s *draw.Scene, from, to draw.Point, input int) {
	paint := draw.Colors[(input+len(draw.Colors)-zoo.CellNodes)%len(draw.Colors)]
	x, y, height := from.X+8+float64(input%3)*6, to.Y+8+float64(input%4)*4, 1
	if input >= zoo.CellNodes {
		height = 3 // lines
	}
	s.Line([]draw.Point{{X: x, Y: from.Y + float64(height*cellLine+10)}, {X: x, Y: y}, {X: to.X, Y: y}}, 1.3, paint)
}
