package nn

import "math"

// The functions of package math may use other instructions, and so other last
// bits, on another architecture. What reaches the weights or is reported as a
// result of a run goes through these instead: basic operations in a fixed
// order, each rounded by itself.

// naturalLog is ln(x) with an error of about one unit in the last place.
func naturalLog(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log(x) // NaN and the infinities
	}
	fraction, exponent := math.Frexp(x) // exact
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	// ln f = 2·atanh(s) with s = (f-1)/(f+1), |s| < 0.172.
	s := (fraction - 1) / (fraction + 1)
	square := s * s
	sum := 0.0
	for k := 25; k >= 3; k -= 2 {
		sum = float64(sum*square) + 1/float64(k)
	}
	series := float64(2*s) + float64(float64(2*s)*float64(square*sum))
	return float64(float64(exponent)*math.Ln2) + series
}

// cosPi is cos(π·x) for x in [0, 1].
func cosPi(x float64) float64 {
	// cos(πx) = sin(y) with |y| ≤ π/2, by its Taylor series.
	y := math.Pi * (0.5 - x)
	square := y * y
	term, sum := y, y
	for k := 2; k <= 24; k += 2 {
		term = -term * square / float64(k*(k+1))
		sum += term
	}
	return sum
}
