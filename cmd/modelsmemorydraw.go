package cmd

import (
	"image/color"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/memory"
)

// The measures of a drawn plan, in pixels: an operation is a line, what is alive a bar in it.
const (
	planLine = 18
	planName = 330
	planBar  = 560
	planTop  = 66
	planRoom = 16
	planSize = 80 // of the text behind a bar
)

// What a bar is made of.
var (
	planReads  = draw.Colors[0]
	planWrites = draw.Colors[1]
	planHeld   = draw.Colors[7]
)

// memoryScene draws what is alive, an operation to a line, and where a plan channel by channel would be.
func memoryScene(p *memory.Plan) *draw.Scene {
	width := float64(planRoom + planName + planBar + planSize + planRoom)
	s := &draw.Scene{Width: width, Height: float64(planTop + planLine*len(p.Moments) + planRoom)}
	left := float64(planRoom + planName)
	s.Title(draw.Point{X: planRoom, Y: 20}, p.Kind+", "+countText(p.Rows, "sample")+": "+bytesText(p.Peak.Bytes)+
		" of activations, "+bytesText(p.Fused.Bytes)+" channel by channel")
	x := left
	for _, l := range []struct {
		paint color.NRGBA
		text  string
	}{{planReads, "reads"}, {planWrites, "writes"}, {planHeld, "held for others"}, {draw.Ink, "channel by channel"}} {
		s.Box(draw.Point{X: x, Y: 36}, 12, 12, l.paint)
		s.Text(draw.Point{X: x + 18, Y: 47}, l.text, draw.Start, draw.Soft)
		x += float64(18 + 8*len(l.text) + 22)
	}
	scale := planBar / float64(max(p.Peak.Bytes, 1))
	for k, m := range p.Moments {
		y := float64(planTop + planLine*k)
		s.Text(draw.Point{X: left - 8, Y: y + 12}, endOf(m.Name, 44), draw.End, draw.Ink)
		at := left
		bar := func(values []int, paint color.NRGBA) {
			for _, v := range values {
				if v == m.Over {
					continue // what takes its place is drawn
				}
				wide := float64(p.Values[v].Bytes) * scale
				s.Box(draw.Point{X: at, Y: y + 2}, wide, planLine-4, paint)
				at += wide
			}
		}
		bar(m.Reads, planReads)
		bar(m.Writes, planWrites)
		bar(m.Held, planHeld)
		if m.Bytes*5 >= p.Peak.Bytes*3 { // only what comes near the peak is told
			s.Text(draw.Point{X: at + 6, Y: y + 12}, bytesText(m.Bytes), draw.Start, draw.Soft)
		}
	}
	for _, r := range p.Fused.Runs {
		at := left + float64(r.Bytes)*scale
		s.Box(draw.Point{X: at - 1, Y: float64(planTop + planLine*r.From)}, 2, float64(planLine*(r.To-r.From+1)), draw.Ink)
	}
	return s
}
