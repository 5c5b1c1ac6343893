package tensor

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
