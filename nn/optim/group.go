package optim

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Group is consecutive parameters with the same settings. A rule that tells
// parameters apart (by name, by number of dimensions) makes one group of each.
type Group struct {
	Begin, End int     // its elements in the flat slices
	Rate       float64 // multiplies the learning rate; 0: frozen, neither updated nor decayed
	Decays     bool    // whether weight decay applies, and in LARS and LAMB the trust ratio
}

// Whole returns one group of size elements at the full rate.
func Whole(size int) []Group { return []Group{{End: size, Rate: 1, Decays: true}} }

// Size returns the number of elements of groups that follow one another from 0
// on. It panics when they do not, or a rate is negative: the caller is wrong.
func Size(groups []Group) int {
	end := 0
	for _, g := range groups {
		if g.Begin != end || g.End < g.Begin || !(g.Rate >= 0) {
			panic(fmt.Sprintf("optim: group %+v follows element %d", g, end))
		}
		end = g.End
	}
	return end
}

// merged joins neighbours with the same settings, for updates that treat every
// element by itself.
func merged(groups []Group) []Group {
	var list []Group
	for _, g := range groups {
		if n := len(list); n > 0 && list[n-1].Rate == g.Rate && list[n-1].Decays == g.Decays {
			list[n-1].End = g.End
			continue
		}
		list = append(list, g)
	}
	return list
}

// elementGrain is the least number of elements worth a goroutine.
const elementGrain = 4096

// elementwise is the part that all optimizers share: groups, and the walk over
// their elements.
type elementwise struct {
	groups       []Group
	params, grad []float32 // of the step at hand

	update  func(lo, hi int) // of elements of the flat slices
	begin   int              // of the group at hand
	shifted func(lo, hi int)
}

func (e *elementwise) init(groups []Group, update func(lo, hi int)) {
	e.groups, e.update = groups, update
	e.shifted = func(lo, hi int) { e.update(e.begin+lo, e.begin+hi) }
}

// walk updates every group that is not frozen, after prepare has set what the
// update needs to know of it.
func (e *elementwise) walk(pool *tensor.Pool, params, grad []float32, prepare func(*Group)) {
	e.params, e.grad = params, grad
	for i := range e.groups {
		g := &e.groups[i]
		if g.Rate == 0 {
			continue
		}
		prepare(g)
		e.begin = g.Begin
		pool.For(g.End-g.Begin, elementGrain, e.shifted)
	}
}

// decayOf is the weight decay of a group, of an optimizer's decay.
func (g *Group) decayOf(decay float64) float64 {
	if g.Decays {
		return decay
	}
	return 0
}

// part cuts a state of the whole, or nil, to a range.
func part(state []float32, lo, hi int) []float32 {
	if state == nil {
		return nil
	}
	return state[lo:hi]
}
