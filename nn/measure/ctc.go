package measure

// Greedy reads the symbols off the logits of CTC: the likeliest symbol of each
// time step, equal neighbours joined, then without blanks, which are symbol 0. It
// appends them to dst. row returns the logits of a step, [V].
func Greedy(dst []int32, steps int, row func(t int) []float32) []int32 {
	last := int32(0)
	for t := range steps {
		best := int32(ArgMax(row(t)))
		if best != last && best != 0 {
			dst = append(dst, best)
		}
		last = best
	}
	return dst
}
