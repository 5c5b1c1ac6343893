package nn

import "fmt"

// Tokens is the input of a sequence model: T*L*R symbols, time-major, and for
// each what should follow it.
type Tokens struct {
	Input []int32 // [T*L*R], each in [0, V)
	Targets
}

// NewTokens returns room for one batch of the shape.
func NewTokens(s Shape) *Tokens {
	return &Tokens{Input: make([]int32, s.Total()), Targets: newTargets(s)}
}

// Check returns an error unless every input lies in [0, vocab) and every target
// below vocab. Text from outside passes here before a tape sees it.
func (k *Tokens) Check(vocab int) error {
	for i, x := range k.Input {
		if x < 0 || int(x) >= vocab {
			return fmt.Errorf("nn: input %d at place %d is not one of the model's %d symbols", x, i, vocab)
		}
	}
	return k.Targets.Check(vocab)
}
