package portable

import "math"

// LogSingle is ln(x) for a positive, normal, finite x, with a relative error of
// 1e-9: all that a float32 holds, in a quarter of Log's time.
func LogSingle(x float64) float64 {
	bits := math.Float64bits(x)
	exponent := int(bits>>52) - 1023
	fraction := math.Float64frombits(bits&(1<<52-1) | 1023<<52) // in [1, 2)
	if fraction > math.Sqrt2 {
		fraction, exponent = fraction/2, exponent+1
	}
	// ln f = 2·atanh(s) with s = (f-1)/(f+1), |s| < 0.172.
	s := (fraction - 1) / (fraction + 1)
	square := s * s
	sum := float64(square*(1.0/13)) + 1.0/11
	sum = float64(sum*square) + 1.0/9
	sum = float64(sum*square) + 1.0/7
	sum = float64(sum*square) + 1.0/5
	sum = float64(sum*square) + 1.0/3
	series := float64(2*s) + float64(float64(2*s)*float64(square*sum))
	return float64(float64(exponent)*math.Ln2) + series
}
