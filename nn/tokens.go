package nn

import "fmt"

// Tokens is a part of a batch: T*L*R symbols, time-major.
type Tokens struct {
	Vocab int     // V: how many symbols there are
	Rows  int     // L*R: of one time step
	Input []int32 // [T*L*R], each in [0, V)
}

// NewTokens returns room for one batch of the shape.
func NewTokens(s Shape, vocab int) *Tokens {
	return &Tokens{Vocab: vocab, Rows: s.Lanes * s.Rows, Input: make([]int32, s.Total())}
}

// fit panics unless there is a token for each row and time step of the shape, each
// one of a layer's symbols.
func (k *Tokens) fit(name string, s Shape, symbols int) {
	if len(k.Input) != s.Total() || k.Vocab > symbols {
		panic(fmt.Sprintf("nn: %s takes %d tokens of %d symbols, got %d of %d", name, s.Total(), symbols, len(k.Input), k.Vocab))
	}
}

// Check returns an error unless every input lies in [0, Vocab). Text from outside
// passes here before a tape sees it.
func (k *Tokens) Check() error {
	for i, x := range k.Input {
		if x < 0 || int(x) >= k.Vocab {
			return fmt.Errorf("nn: input %d at place %d is not one of the model's %d symbols", x, i, k.Vocab)
		}
	}
	return nil
}
