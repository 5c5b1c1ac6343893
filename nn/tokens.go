package nn

// Tokens is the input of a sequence model: T*L*R symbols, time-major, and for
// each what should follow it.
type Tokens struct {
	Input  []int32 // [T*L*R], each in [0, V)
	Target []int32 // [T*L*R]; negative where there is nothing to predict
	Count  int     // targets of the whole global batch: the loss is a mean over these
}

// NewTokens returns room for one batch of the shape.
func NewTokens(s Shape) *Tokens {
	return &Tokens{Input: make([]int32, s.Total()), Target: make([]int32, s.Total())}
}
