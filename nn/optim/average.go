package optim

import "github.com/rondo-ml/rondo/tensor"

// Average is an exponential average of weights (Polyak and Juditsky 1992, with the
// memory of Tarvainen and Valpola 2017) beside training: evaluation and use of the
// weights may take it in their place.
//
//	average = Decay·average + (1-Decay)·weights        after every step
//
// It starts as the weights that the run starts from.
type Average struct {
	Values []float32 // [Size]

	decay   float32
	weights []float32 // of the step at hand
	update  func(lo, hi int)
}

// NewAverage returns an average of size values. It panics when decay is not in
// [0, 1): about 1/(1-decay) steps are remembered.
func NewAverage(size int, decay float64) *Average {
	fraction("average decay", decay)
	a := &Average{Values: tensor.AlignedSlice(size), decay: float32(decay)}
	a.update = a.updateRange
	return a
}

// Start sets the average to the weights.
func (a *Average) Start(weights []float32) { copy(a.Values, weights) }

// Follow moves the average towards the weights that a step has left.
func (a *Average) Follow(pool *tensor.Pool, weights []float32) {
	a.weights = weights
	pool.For(len(weights), elementGrain, a.update)
}

func (a *Average) updateRange(lo, hi int) {
	for ; lo < hi; lo += cached {
		end := min(lo+cached, hi)
		average := a.Values[lo:end]
		tensor.Scale(average, average, a.decay)
		tensor.Axpy(average, 1-a.decay, a.weights[lo:end])
	}
}

// Swap exchanges the average and the weights, so that an evaluation sees the
// average; a second call undoes it. The caller tells the weights' owner.
func (a *Average) Swap(weights []float32) {
	for i, w := range weights {
		weights[i], a.Values[i] = a.Values[i], w
	}
}
