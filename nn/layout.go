package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Layout says what the rows of an activation stand for. They go through time
// steps, within a step through lanes, within a lane through its rows, and within
// a row through the pixels of its image, line by line:
//
//	[Steps, Lanes, Rows, Height, Width]
//
// So one step of all lanes is one block of rows, while a lane is one block in
// every step. Who sums over rows takes a lane's from here ([Layout.Lane]).
type Layout struct {
	Steps         int // T: time steps
	Lanes         int // L: always the tape's
	Rows          int // R: of one lane at one step
	Height, Width int // of the image that each row is, in pixels; 0 when it is none
}

// Layout returns the layout of the batch: of tokens, targets and logits.
func (s Shape) Layout() Layout { return Layout{Steps: s.Steps, Lanes: s.Lanes, Rows: s.Rows} }

// WithImage returns l with every row being an image of the given size in pixels;
// 0x0 stands for rows that are no images.
func (l Layout) WithImage(height, width int) Layout {
	l.Height, l.Width = height, width
	return l
}

// IsImage says whether rows are images.
func (l Layout) IsImage() bool { return l.Height > 0 }

// Pixels returns the rows of the activation that one row of a lane takes: the
// pixels of its image, or 1.
func (l Layout) Pixels() int {
	if !l.IsImage() {
		return 1
	}
	return l.Height * l.Width
}

// LaneRows returns the rows of the activation that one lane has at one step.
func (l Layout) LaneRows() int { return l.Rows * l.Pixels() }

// Total returns the rows of the activation.
func (l Layout) Total() int { return l.Steps * l.Lanes * l.LaneRows() }

// Lane returns the rows of a lane in an activation, or another matrix, of this
// layout: a block for every time step.
func (l Layout) Lane(m tensor.Matrix, lane int) tensor.Blocks {
	rows := l.LaneRows()
	return tensor.Blocks{M: m, First: lane * rows, Count: l.Steps, Rows: rows, Step: l.Lanes * rows}
}

// block returns the rows of a lane at one step.
func (l Layout) block(m tensor.Matrix, step, lane int) tensor.Matrix {
	rows := l.LaneRows()
	at := (step*l.Lanes + lane) * rows
	return m.Slice(at, at+rows)
}

// Place returns the step and the lane that row belongs to, and its place among
// the lane's rows at that step.
func (l Layout) Place(row int) (step, lane, at int) {
	rows := l.LaneRows()
	return row / (rows * l.Lanes), row / rows % l.Lanes, row % rows
}

// SameRows says whether row i of an activation of layout m belongs to the same
// step and lane, and has the same place there, as row i of one of layout l.
func (l Layout) SameRows(m Layout) bool {
	return l.Steps == m.Steps && l.Lanes == m.Lanes && l.LaneRows() == m.LaneRows()
}

// String returns a text as "2 steps of 4 lanes of 3 rows of 8x8 pixels".
func (l Layout) String() string {
	text := fmt.Sprintf("%s of %s of %s", count(l.Steps, "step"), count(l.Lanes, "lane"), count(l.Rows, "row"))
	if l.IsImage() {
		text += fmt.Sprintf(" of %dx%d pixels", l.Height, l.Width)
	}
	return text
}

// count is "1 step", "2 steps".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
