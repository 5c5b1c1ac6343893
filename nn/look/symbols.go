package look

import (
	"fmt"
	"math"
)

// Text is the symbols of the text in the batch.
func (s *Sequence) Text() []int32 {
	if s.Symbols == nil {
		return nil
	}
	all := s.Symbols.Tokens.Input
	if k := s.Batch.LengthsOf(len(all)); k != nil {
		return all[:min(max(int(k.Of[0]), 0), len(all))]
	}
	return all
}

// Push is what a symbol at its place does to an answer, to the first order.
type Push struct {
	By     float64 // what the answer gains by it: the gradient by what the first layer makes of the symbol, times that
	Length float64 // of that gradient: how much the answer would change with another symbol there; the same everywhere in a bag
}

// Pushes returns what each symbol of a text does to an answer. Where all behind the first layer is linear, the answer is the sum
// of what its symbols add and of what it is without any. It is called after Forward. A gradient that is not finite is an error.
func (s *Sequence) Pushes(a Answer) ([]Push, error) {
	if s.Symbols == nil {
		return nil, fmt.Errorf("the network reads no text")
	}
	if _, _, err := s.Matters(a); err != nil {
		return nil, err
	}
	pushes := make([]Push, len(s.Text()))
	for t := range pushes {
		put, grad, share := s.Symbols.Puts(t, 0)
		p := &pushes[t]
		for i, g := range grad {
			p.By += float64(g) * float64(put[i])
			p.Length += float64(g) * float64(g)
		}
		if p.Length = float64(share) * math.Sqrt(p.Length); math.IsNaN(p.By) || math.IsInf(p.By, 0) {
			return nil, fmt.Errorf("what symbol %d adds is not finite", t)
		}
	}
	return pushes, nil
}
