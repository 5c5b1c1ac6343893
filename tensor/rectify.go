package tensor

import (
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Rectifier is a function that cuts values off.
type Rectifier uint8

// The rectifiers. All let NaN pass.
const (
	Identity Rectifier = iota
	ReLU               // max(x, 0)
	ReLU6              // min(max(x, 0), 6)
)

// Rectify computes y[i] = r(x[i]). The lengths must be equal; y may be x.
func Rectify(y, x []float32, r Rectifier) {
	same("Rectify", len(y), len(x))
	lo, hi := r.cuts()
	kernel.Cut(y, x, lo, hi)
}

// RectifyBack computes dx[i] += dy[i] where y[i] is not cut off, y being the rectified values. All lengths
// must be equal.
func RectifyBack(dx, dy, y []float32, r Rectifier) {
	same("RectifyBack", len(dx), len(dy))
	same("RectifyBack", len(dx), len(y))
	lo, hi := r.stops()
	kernel.CutBack(dx, dy, y, lo, hi)
}

// cuts is the values that a rectifier cuts off at.
func (r Rectifier) cuts() (lo, hi float32) {
	switch r {
	case ReLU:
		return 0, float32(math.Inf(1))
	case ReLU6:
		return 0, 6
	}
	return float32(math.Inf(-1)), float32(math.Inf(1))
}

// stops is the results at which a rectifier lets no gradient pass: NaN where there are none.
func (r Rectifier) stops() (lo, hi float32) {
	lo, hi = float32(math.NaN()), float32(math.NaN())
	if r != Identity {
		lo = 0
	}
	if r == ReLU6 {
		hi = 6
	}
	return lo, hi
}
