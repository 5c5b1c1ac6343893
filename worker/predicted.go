package worker

import (
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/portable"
)

// Guess is a class, or a label, and the probability that a model gives it.
type Guess struct {
	Class       int
	Probability float64
}

// rows calls each for the logits [K] of every step, or pixel, of an output.
func (o Output) rows(each func(logits []float32)) {
	k := o.Shape[len(o.Shape)-1]
	for at := 0; at+k <= len(o.Logits); at += k {
		each(o.Logits[at : at+k])
	}
}

// Best are the k likeliest classes of each step, or of the one row, the likeliest first: by softmax, so that the
// probabilities of all classes add up to 1.
func (o Output) Best(k int) (steps [][]Guess) {
	o.rows(func(x []float32) {
		place := make([]int, min(k, len(x)))
		measure.Best(place, x)
		top, sum := float64(x[place[0]]), 0.0
		for _, v := range x {
			sum += portable.Exp(float64(v) - top)
		}
		var guesses []Guess
		for _, class := range place {
			guesses = append(guesses, Guess{class, portable.Exp(float64(x[class])-top) / sum})
		}
		steps = append(steps, guesses)
	})
	return steps
}

// Labels are the probabilities of all labels, each by itself: by the sigmoid of its logit.
func (o Output) Labels() (guesses []Guess) {
	for i, v := range o.Logits {
		guesses = append(guesses, Guess{i, 1 / (1 + portable.Exp(-float64(v)))})
	}
	return guesses
}

// Mask is the likeliest class of each pixel, row by row, and the share of each class of all.
func (o Output) Mask() (classes []byte, shares []float64) {
	shares = make([]float64, o.Shape[len(o.Shape)-1])
	o.rows(func(x []float32) {
		class := measure.ArgMax(x)
		classes = append(classes, byte(class))
		shares[class]++
	})
	for i := range shares {
		shares[i] /= float64(max(1, len(classes)))
	}
	return classes, shares
}

// Symbols are what an output of CTC reads, greedily, as the data number symbols: from 0 on, without the blank.
func (o Output) Symbols() []int32 {
	k := o.Shape[len(o.Shape)-1]
	symbols := measure.Greedy(nil, o.Shape[0], func(t int) []float32 { return o.Logits[t*k : (t+1)*k] })
	for i := range symbols {
		symbols[i]--
	}
	return symbols
}
