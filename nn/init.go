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

// ConstantInit fills with c.
func ConstantInit(c float32) Init {
	return func(v tensor.Matrix, _ Stream) { tensor.Fill(v.Data, c) }
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
