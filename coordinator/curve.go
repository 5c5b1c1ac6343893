package coordinator

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// maxPoints bounds the history of a run: enough for a chart on any screen.
const maxPoints = 2000

// curve is the curve of a run, thinned evenly: it keeps the points of every
// 2^shift-th step, and doubles the distance when there are too many. Points that
// are not finite stay: a run has few, for it ends with one.
type curve struct {
	points []api.Point
	shift  int
}

// add appends the point of a step. A step that was reported before (the run
// went back to a checkpoint) replaces what followed it.
func (h *curve) add(p api.Point) {
	for len(h.points) > 0 && h.points[len(h.points)-1].Step >= p.Step {
		h.points = h.points[:len(h.points)-1]
	}
	if !h.keeps(p) {
		return
	}
	if len(h.points) == maxPoints {
		h.shift++
		h.points = slices.DeleteFunc(h.points, func(p api.Point) bool { return !h.keeps(p) })
		if !h.keeps(p) {
			return
		}
	}
	h.points = append(h.points, p)
}

func (h *curve) keeps(p api.Point) bool {
	return bits.TrailingZeros64(p.Step) >= h.shift || !p.Finite()
}

// last is the newest point; the zero value when there is none.
func (h *curve) last() (p api.Point) {
	if n := len(h.points); n > 0 {
		p = h.points[n-1]
	}
	return p
}

// since returns the points of the steps after one.
func (h *curve) since(step uint64) api.Curve {
	from := sort.Search(len(h.points), func(i int) bool { return h.points[i].Step > step })
	c := api.Curve{Points: slices.Clone(h.points[from:]), Next: step}
	if n := len(c.Points); n > 0 {
		c.Next = c.Points[n-1].Step
	}
	return c
}
