package cmd

import (
	"image/color"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/summary"
)

// The measures of a drawn graph, in pixels: a layer is a line, and what reads a layer further up is led past it on the left.
const (
	graphLine  = 24
	graphLane  = 9
	graphName  = 330
	graphKind  = 130
	graphShape = 110
	graphCount = 100
	graphTop   = 46
	graphRoom  = 16
)

// edge is an arrow from a line to one further down, in a lane on the left; lane 0 is between neighbours.
type edge struct{ from, to, lane int }

// edgesOf finds who reads whom. The first lines are the inputs of the network.
func edgesOf(s *summary.Summary) (edges []edge, lanes int) {
	at := map[string]int{}
	for i, in := range s.Inputs {
		at[in.Name] = i
	}
	var ends []int // by lane: the line at which its last edge ends
	for i, l := range s.Layers {
		line := len(s.Inputs) + i
		for _, from := range l.Inputs {
			origin, known := at[from]
			if !known {
				continue
			}
			e := edge{from: origin, to: line}
			if line > origin+1 {
				e.lane = 1
				for e.lane <= len(ends) && ends[e.lane-1] > origin {
					e.lane++
				}
				if e.lane > len(ends) {
					ends = append(ends, 0)
				}
				ends[e.lane-1] = line
			}
			edges = append(edges, e)
		}
		at[l.Name] = line
	}
	return edges, len(ends)
}

// graphScene draws a network, a layer to a line.
func graphScene(s *summary.Summary) *draw.Scene {
	edges, lanes := edgesOf(s)
	left := float64(graphRoom + (lanes+1)*graphLane)
	lines := len(s.Inputs) + len(s.Layers)
	scene := &draw.Scene{Width: left + graphName + graphKind + graphShape + 2*graphCount + graphRoom, Height: float64(graphTop + lines*graphLine + graphRoom)}
	scene.Title(draw.Point{X: graphRoom, Y: 20}, s.Kind+": "+countOr(s.Parameters, "0")+" parameters, "+countOr(s.MultiplyAdds, "0")+" multiply-adds")
	column := [...]float64{left + 8, left + graphName, left + graphName + graphKind, left + graphName + graphKind + graphShape + graphCount,
		left + graphName + graphKind + graphShape + 2*graphCount}
	for i, head := range []string{"layer", "kind", "output", "parameters", "multiply-adds"} {
		anchor := draw.Start
		if i > 2 {
			anchor = draw.End
		}
		scene.Text(draw.Point{X: column[i], Y: 38}, head, anchor, draw.Soft)
	}
	for _, e := range edges {
		drawEdge(scene, e, left)
	}
	line := func(i int, paint color.NRGBA, cells ...string) {
		y := float64(graphTop + i*graphLine)
		scene.Box(draw.Point{X: left, Y: y}, scene.Width-left-graphRoom, graphLine-5, draw.Faint)
		scene.Box(draw.Point{X: left, Y: y}, 4, graphLine-5, paint)
		for k, text := range cells {
			anchor := draw.Start
			if k > 2 {
				anchor = draw.End
			}
			scene.Text(draw.Point{X: column[k], Y: y + 14}, text, anchor, draw.Ink)
		}
	}
	for i, in := range s.Inputs {
		line(i, draw.Ink, in.Name, "input", sizeText(in.Shape), "", "")
	}
	for i, l := range s.Layers {
		line(len(s.Inputs)+i, kindColor(l.Kind), endOf(l.Name, 44), l.Kind, sizeText(l.Output), countOr(l.Parameters, ""), countOr(l.MultiplyAdds, ""))
	}
	return scene
}

// drawEdge draws an arrow from the line of one layer to that of another.
func drawEdge(s *draw.Scene, e edge, left float64) {
	from, to := float64(graphTop+e.from*graphLine), float64(graphTop+e.to*graphLine)
	if e.lane == 0 {
		x := left + 2
		s.Line([]draw.Point{{X: x, Y: from + graphLine - 5}, {X: x, Y: to}}, 1.4, draw.Soft)
		return
	}
	x := left - 4 - float64(e.lane*graphLane)
	from, to = from+graphLine-9, to+5
	paint := draw.Colors[e.lane%len(draw.Colors)]
	s.Line([]draw.Point{{X: left, Y: from}, {X: x, Y: from}, {X: x, Y: to}, {X: left, Y: to}}, 1.2, paint)
	s.Line([]draw.Point{{X: left - 4, Y: to - 3}, {X: left, Y: to}, {X: left - 4, Y: to + 3}}, 1.2, paint)
}

// endOf is the end of a name that is too long: what tells it from others.
func endOf(name string, most int) string {
	if r := []rune(name); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return name
}

// kindColor tells what multiplies, normalizes, pools and joins apart.
func kindColor(kind string) color.NRGBA {
	for i, beginnings := range [][]string{{"conv"}, {"linear", "lstm", "gru", "rnn", "mlstm", "embedding"},
		{"batch norm", "layer norm", "group norm", "local response"}, {"max pool", "avg pool", "max bins", "resample"}, {"add", "concat", "scaled rows", "mul"}} {
		if slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(kind, b) }) {
			return draw.Colors[i]
		}
	}
	return draw.Soft
}
