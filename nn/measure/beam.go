package measure

import (
	"cmp"
	"slices"

	"github.com/rondo-ml/rondo/nn/portable"
)

// Beam reads the symbols off the logits of CTC as Greedy does, but adds up the
// paths that give the same symbols, and returns the likeliest (prefix beam
// search, Hannun et al. 2014, without a language model). It follows the width
// likeliest prefixes at a time, 1 or more; with 1 it may still differ from Greedy.
// row returns the logits of a step, [V].
func Beam(width, steps int, row func(t int) []float32) []int32 {
	s := newBeamSearch(width)
	for t := range steps {
		s.step(row(t))
	}
	return s.best()
}

// beamSearch holds the tree of all prefixes that were ever among the likeliest. Node
// 0 is the empty one.
type beamSearch struct {
	width int
	nodes []beamNode
	place map[beamNode]int // where a prefix is in nodes
	beam  []beamPrefix     // the likeliest, best first

	p    []float64
	next []beamPrefix
	at   map[beamNode]int // where a prefix is in next
}

// beamNode is a prefix: that of its parent, and one symbol more.
type beamNode struct {
	parent int
	symbol int32
}

// beamPrefix is what the paths to a prefix add up to, relative to the likeliest
// prefix: those that end in a blank, and those that end in its last symbol.
type beamPrefix struct {
	beamNode
	blank, symbol float64
}

func (b beamPrefix) all() float64 { return b.blank + b.symbol }

func newBeamSearch(width int) *beamSearch {
	empty := beamNode{parent: -1}
	return &beamSearch{
		width: width, nodes: []beamNode{empty}, place: map[beamNode]int{empty: 0},
		beam: []beamPrefix{{empty, 1, 0}}, at: map[beamNode]int{},
	}
}

// step extends the prefixes by a time step.
func (s *beamSearch) step(logits []float32) {
	s.p = s.p[:0]
	top := float64(logits[ArgMax(logits)])
	for _, x := range logits {
		s.p = append(s.p, portable.Exp(float64(x)-top)) // what all are divided by does not matter
	}
	s.next = s.next[:0]
	clear(s.at)
	for _, b := range s.beam {
		s.add(b.beamNode, float64(b.all()*s.p[0]), 0)
		node := s.place[b.beamNode]
		for v := 1; v < len(s.p); v++ {
			longer := beamNode{node, int32(v)}
			if node > 0 && longer.symbol == b.beamNode.symbol {
				s.add(b.beamNode, 0, float64(b.symbol*s.p[v]))
				s.add(longer, 0, float64(b.blank*s.p[v]))
			} else {
				s.add(longer, 0, float64(b.all()*s.p[v]))
			}
		}
	}
	slices.SortStableFunc(s.next, func(a, b beamPrefix) int { return cmp.Compare(b.all(), a.all()) })
	s.beam = append(s.beam[:0], s.next[:min(s.width, len(s.next))]...)
	best := s.beam[0].all()
	for i := range s.beam {
		b := &s.beam[i]
		if best > 0 {
			b.blank, b.symbol = b.blank/best, b.symbol/best
		}
		if _, met := s.place[b.beamNode]; !met {
			s.place[b.beamNode] = len(s.nodes)
			s.nodes = append(s.nodes, b.beamNode)
		}
	}
}

// add counts paths to a prefix.
func (s *beamSearch) add(prefix beamNode, blank, symbol float64) {
	i, met := s.at[prefix]
	if !met {
		i = len(s.next)
		s.at[prefix] = i
		s.next = append(s.next, beamPrefix{beamNode: prefix})
	}
	s.next[i].blank += blank
	s.next[i].symbol += symbol
}

// best is the symbols of the likeliest prefix.
func (s *beamSearch) best() []int32 {
	var symbols []int32
	for at := s.beam[0].beamNode; at.parent >= 0; at = s.nodes[at.parent] {
		symbols = append(symbols, at.symbol)
	}
	slices.Reverse(symbols)
	return symbols
}
