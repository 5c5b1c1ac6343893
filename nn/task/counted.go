package task

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
)

// Counted is a task whose targets are classes, or labels, that can be counted: then the outputs of a network that has
// learnt nothing yet may begin at what the counts alone say.
type Counted interface {
	Task

	// FinalBias returns the logits [outputs], alike for every sample, of the lowest mean loss, and that loss. counts [outputs] is
	// how many of all targets are of a class, or have a label. What is never counted stands for one target, so that every
	// logit is finite. The logits have the same bits on every processor.
	FinalBias(counts []float64, all float64) (logits []float32, loss float64)
}

// FinalBias has the logarithms of the classes' shares in the loss: with class weights w and the smoothing ε, of
// w·((1-ε)·counts + ε·all/classes).
func (c class) FinalBias(counts []float64, all float64) ([]float32, float64) {
	return logShares(counts, all, c.Weights, c.Smoothing)
}

// FinalBias has the logarithms of the classes' shares in the loss, as those of [Class].
func (p pixels) FinalBias(counts []float64, all float64) ([]float32, float64) {
	return logShares(counts, all, p.Weights, 0)
}

func logShares(counts []float64, all float64, weights []float64, smoothing float64) (logits []float32, loss float64) {
	of := func(i int) float64 {
		if len(weights) == 0 {
			return 1
		}
		return weights[i]
	}
	mass, sum, total := make([]float64, len(counts)), 0.0, 0.0
	for i, n := range counts {
		mass[i] = float64(of(i) * (float64((1-smoothing)*n) + float64(smoothing*all/float64(len(counts))))) // rounded: no processor fuses it into the sum
		sum += mass[i]
		total += float64(of(i) * n)
	}
	least := sum / max(all, 1) // the mean of a target
	if !(least > 0) {
		least = 1 // all weight lies on classes that never are: they get even shares
	}
	norm := 0.0
	share := make([]float64, len(counts))
	for i, m := range mass {
		if share[i] = m; m == 0 {
			share[i] = least
		}
		norm += share[i]
	}
	logits = make([]float32, len(counts))
	for i, s := range share {
		log := portable.Log(s / norm)
		logits[i] = float32(log)
		loss -= mass[i] * log
	}
	return logits, loss / max(total, math.SmallestNonzeroFloat64)
}

// FinalBias has for each label log(p·holds/(all-holds)), where p is the weight of where it holds.
func (l labels) FinalBias(counts []float64, all float64) (logits []float32, loss float64) {
	logits = make([]float32, len(counts))
	for i, holds := range counts {
		weight, not := 1.0, all-holds
		if len(l.Positive) > 0 {
			weight = l.Positive[i]
		}
		logit := portable.Log(weight * atLeastOne(holds) / atLeastOne(not))
		logits[i] = float32(logit)
		loss += weight*holds*softplus(-logit) + not*softplus(logit)
	}
	return logits, loss / max(all*float64(len(counts)), 1)
}

// atLeastOne is n, or 1 for none.
func atLeastOne(n float64) float64 {
	if n <= 0 {
		return 1
	}
	return n
}

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
