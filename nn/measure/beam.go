package measure

import (
	"cmp"
	"slices"

	"github.com/rondo-ml/rondo/nn/portable"
)

// Beam reads the symbols off the logits of CTC as Greedy does, but adds up the
// paths that give the same symbols, and returns the likeliest (prefix beam
// search, Hannun et al. 2014, without a language model). It follows the width
// likeliest prefixes at a time; with 1 it may still differ from Greedy. row returns
// the logits of a step, [V].
func Beam(width, steps int, row func(t int) []float32) []int32 {
	s := &beamSearch{nodes: []beamNode{{parent: -1}}, children: map[beamNode]int{}}
	beam := []beamPrefix{{node: 0, blank: 1}}
	for t := range steps {
		beam = s.step(beam, row(t))
		beam = beam[:min(width, len(beam))]
	}
	var symbols []int32
	for at := beam[0].node; at > 0; at = s.nodes[at].parent {
		symbols = append(symbols, s.nodes[at].symbol)
	}
	slices.Reverse(symbols)
	return symbols
}

// beamSearch holds the tree of all prefixes that were met. Node 0 is the empty one.
type beamSearch struct {
	nodes    []beamNode
	children map[beamNode]int
	p        []float64
	next     []beamPrefix
	at       map[int]int // where a node is in next
}

// beamNode is a prefix: that of its parent, and one symbol more.
type beamNode struct {
	parent int
	symbol int32
}

// beamPrefix is what the paths to a prefix add up to, relative to the likeliest
// prefix: those that end in a blank, and those that end in its last symbol.
type beamPrefix struct {
	node          int
	blank, symbol float64
}

func (b beamPrefix) all() float64 { return b.blank + b.symbol }

// step extends all prefixes by a time step, and returns them likeliest first.
func (s *beamSearch) step(beam []beamPrefix, logits []float32) []beamPrefix {
	s.p = s.p[:0]
	top := float64(logits[ArgMax(logits)])
	for _, x := range logits {
		s.p = append(s.p, portable.Exp(float64(x)-top)) // what all are divided by does not matter
	}
	s.next, s.at = nil, map[int]int{}
	for _, b := range beam {
		last := s.nodes[b.node].symbol
		s.add(b.node, float64(b.all()*s.p[0]), 0)
		for v := 1; v < len(s.p); v++ {
			if b.node > 0 && int32(v) == last {
				s.add(b.node, 0, float64(b.symbol*s.p[v]))
				s.add(s.child(b.node, int32(v)), 0, float64(b.blank*s.p[v]))
			} else {
				s.add(s.child(b.node, int32(v)), 0, float64(b.all()*s.p[v]))
			}
		}
	}
	slices.SortStableFunc(s.next, func(a, b beamPrefix) int { return cmp.Compare(b.all(), a.all()) })
	if best := s.next[0].all(); best > 0 {
		for i := range s.next {
			s.next[i].blank, s.next[i].symbol = s.next[i].blank/best, s.next[i].symbol/best
		}
	}
	return s.next
}

// add counts paths to a prefix.
func (s *beamSearch) add(node int, blank, symbol float64) {
	i, met := s.at[node]
	if !met {
		i = len(s.next)
		s.at[node] = i
		s.next = append(s.next, beamPrefix{node: node})
	}
	s.next[i].blank += blank
	s.next[i].symbol += symbol
}

// child returns the prefix with a symbol more.
func (s *beamSearch) child(node int, symbol int32) int {
	key := beamNode{node, symbol}
	i, met := s.children[key]
	if !met {
		i = len(s.nodes)
		s.children[key] = i
		s.nodes = append(s.nodes, key)
	}
	return i
}
