package nn

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Init fills a parameter's first values from its own random stream.
type Init func(value tensor.Matrix, stream Stream)

// UniformInit draws from [-bound, bound).
func UniformInit(bound float32) Init {
	return func(v tensor.Matrix, s Stream) { s.Uniform(v.Data, -bound, bound) }
}

// NormalInit draws from a normal distribution of mean 0.
func NormalInit(deviation float32) Init {
	return func(v tensor.Matrix, s Stream) { s.Normal(v.Data, deviation) }
}

// KaimingFanOut is the normal distribution of He et al. (2015) for a
// convolution before a rectifier, by the outputs that each input reaches:
// deviation √(2/(out·kh·kw)).
func KaimingFanOut(out, kh, kw int) Init { return NormalInit(sqrt(2 / float32(out*kh*kw))) }

// ConstantInit fills with c.
func ConstantInit(c float32) Init {
	return func(v tensor.Matrix, _ Stream) { tensor.Fill(v.Data, c) }
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
