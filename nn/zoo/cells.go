package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("cells", Kind[Cells]{
		About:  "a network of two cells, written as sep5x5 h + identity h | conv3x3 1 + max3x3 p, batch norm",
		Task:   task.Class,
		Sample: "image",
		Defaults: Cells{Classifier: Classifier{Classes: 10, Image: 32, Channels: 3}, Cells: 1, Width: 16,
			Normal: "sep3x3 h + identity h | sep5x5 p + max3x3 h", Reduce: "sep3x3 h + max3x3 h | sep5x5 p + conv1x1 h"},
		New: newCells,
	})
}

// Cells describes a network of cells.
type Cells struct {
	Classifier
	Normal  string  `field:"normal" about:"cell that keeps a map's size: nodes with | between them, each a sum of operations on h (the cell before), p (the one before that) or a node further left, as 1"`
	Reduce  string  `field:"reduce" about:"cell that halves a map; operations on h and p have stride 2"`
	Cells   int     `field:"cells" allowed:"[1, 64]" about:"normal cells of each of three stages; a reducing one stands between stages"`
	Width   int     `field:"width" allowed:"[1, 1024]" about:"channels of a node in the first stage; later stages have two and four times as many"`
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
}

// cellsLeast is the smallest image that two halvings leave a map of.
const cellsLeast = 4

// cellNet is the network of Zoph et al. (2018), figure 2, for images of about 32
// pixels, of cells as a run file describes them:
//
//	stem.conv 3x3, width – stem.bn
//	cells.0 …  normal cells of width, a reducing one of 2 width, normal ones, a
//	reducing one of 4 width, normal ones
//	ReLU – mean over the map – dropout – fc classes
//
// A cell brings what it reads of the two cells before to its channels by ReLU – 1x1
// – norm. What none of its nodes reads is concatenated: see Cell.Ends.
type cellNet struct {
	Classifier
	params *nn.Params
	stem   layer
	cells  []*cell
	head   layer
}

// cell is a cell made.
type cell struct {
	name  string
	fit   [CellNodes]layer // of h and p; nil: not read
	halve cellLayer        // of h where it is an end of a cell that reduces
	nodes [][]cellLayer
	Cell
}

// cellBuilder registers cells one after another.
type cellBuilder struct {
	style
	ps           *nn.Params
	here, before flow // what the last two cells make
	cells        []*cell
}

func newCells(c Cells) (Model, error) {
	normal, err := ParseCell(c.Normal)
	if err != nil {
		return nil, fmt.Errorf("model.normal: %w", err)
	}
	reduce, err := ParseCell(c.Reduce)
	if err != nil {
		return nil, fmt.Errorf("model.reduce: %w", err)
	}
	if err := c.check(cellsLeast, halving(fmt.Sprint("cells.", c.Cells), fmt.Sprint("cells.", 2*c.Cells+1))...); err != nil {
		return nil, err
	}
	b := &cellBuilder{style: style{init: fanOut}, ps: nn.NewParams()}
	m := &cellNet{Classifier: c.Classifier, params: b.ps, stem: b.conv("stem", c.Channels, c.Width, 3, 1)}
	b.here = flow{c.Width, 1, c.Image}
	b.before = b.here
	for stage := range 3 {
		if stage > 0 {
			b.cell(reduce, c.Width<<stage, 2)
		}
		for range c.Cells {
			b.cell(normal, c.Width<<stage, 1)
		}
	}
	m.cells = b.cells
	m.head = sequence{
		activation((*nn.Tape).ReLU, "relu"),
		globalMean("avgpool"),
		nn.NewDropout("dropout", float32(c.Dropout), 0),
		nn.NewLinear(b.ps, "fc", b.here.channels, c.Classes, true),
	}
	return m, checkSize(b.ps, "width")
}

// cell registers the next cell, of so many channels in each of its nodes.
func (b *cellBuilder) cell(shape Cell, channels, stride int) {
	c := &cell{name: fmt.Sprintf("cells.%d", len(b.cells)), Cell: shape}
	c.fit[CellHere] = b.fit(c.name+".h", b.here, channels, 1)
	if shape.reads(CellBefore) {
		c.fit[CellBefore] = b.fit(c.name+".p", b.before, channels, b.here.stride/b.before.stride)
	}
	for i, node := range shape {
		var sum []cellLayer
		for k, t := range node {
			by := 1
			if t.Input < CellNodes {
				by = stride
			}
			sum = append(sum, cellOperations[t.Operation](b, c.term(i, k), channels, by))
		}
		c.nodes = append(c.nodes, sum)
	}
	if !shape.reads(CellHere) {
		c.halve = cellIdentity(b, c.name+".h.end", channels, stride)
	}
	b.cells = append(b.cells, c)
	b.before = b.here
	b.here = flow{len(shape.Ends()) * channels, b.here.stride * stride, 0}
}

// fit brings what a cell made to so many channels, and to a part of its size.
func (b *cellBuilder) fit(name string, in flow, channels, stride int) layer {
	return sequence{activation((*nn.Tape).ReLU, name+".relu"), b.conv(name, in.channels, channels, 1, stride)}
}

// term is the name of term k of node i.
func (c *cell) term(i, k int) string { return fmt.Sprintf("%s.nodes.%d.%d", c.name, i+1, k) }

func (m *cellNet) Params() *nn.Params { return m.params }

func (m *cellNet) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	h := m.stem.Forward(t, m.image(b))
	p := h
	for _, c := range m.cells {
		h, p = c.forward(t, h, p), h
	}
	return m.head.Forward(t, h)
}

// forward records the cell on what the two before made.
func (c *cell) forward(t *nn.Tape, h, p *nn.Node) *nn.Node {
	maps := []*nn.Node{c.fit[CellHere].Forward(t, h), nil}
	if c.fit[CellBefore] != nil {
		maps[CellBefore] = c.fit[CellBefore].Forward(t, p)
	}
	rectified := map[int]*nn.Node{} // once for all that read it
	relu := func(input int) func() *nn.Node {
		return func() *nn.Node {
			if rectified[input] == nil {
				rectified[input] = t.ReLU(fmt.Sprintf("%s.%s.rectified", c.name, cellInput(input)), maps[input])
			}
			return rectified[input]
		}
	}
	for i, node := range c.Cell {
		var sum *nn.Node
		for k, term := range node {
			x := c.nodes[i][k](t, maps[term.Input], relu(term.Input))
			if sum == nil {
				sum = x
				continue
			}
			sum = t.Add(c.term(i, k)+".add", sum, x)
		}
		maps = append(maps, sum)
	}
	if c.halve != nil {
		maps[CellHere] = c.halve(t, maps[CellHere], relu(CellHere))
	}
	var ends []*nn.Node
	for _, input := range c.Ends() {
		ends = append(ends, maps[input])
	}
	if len(ends) == 1 {
		return ends[0]
	}
	return t.Concat(c.name+".cat", ends...)
}
