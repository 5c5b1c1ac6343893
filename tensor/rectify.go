package tensor

// Rectifier is a function that cuts values off.
type Rectifier uint8

// The rectifiers. All let NaN pass.
const (
	Identity Rectifier = iota
	ReLU               // max(x, 0)
	ReLU6              // min(max(x, 0), 6)
)

// of is the rectifier of one value.
func (r Rectifier) of(v float32) float32 {
	if r != Identity && v < 0 {
		return 0
	}
	if r == ReLU6 && v > 6 {
		return 6
	}
	return v
}

// gradient is g where the rectifier's result y lets it pass, and zero elsewhere: where y <= 0, and for ReLU6
// where y >= 6.
func (r Rectifier) gradient(g, y float32) float32 {
	if r != Identity && y <= 0 || r == ReLU6 && y >= 6 {
		return 0
	}
	return g
}

// Rectify computes y[i] = r(x[i]). The lengths must be equal; y may be x.
func Rectify(y, x []float32, r Rectifier) {
	same("Rectify", len(y), len(x))
	for i, v := range x {
		y[i] = r.of(v)
	}
}

// RectifyBack computes dx[i] += dy[i] where y[i] is not cut off, y being the rectified values. All lengths
// must be equal.
func RectifyBack(dx, dy, y []float32, r Rectifier) {
	same("RectifyBack", len(dx), len(dy))
	same("RectifyBack", len(dx), len(y))
	for i, v := range y {
		dx[i] += r.gradient(dy[i], v)
	}
}
