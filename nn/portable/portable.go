package portable

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Log is ln(x) with an error of about one unit in the last place.
func Log(x float64) float64 { return tensor.LogOf(x) }

// The halves of ln 2: lnHigh has so few bits that its product with an exponent is
// exact.
const (
	lnHigh = 6.93147180369123816490e-01
	lnLow  = 1.90821492927058770002e-10
)

// Exp is e^x with an error of about one unit in the last place. Results below
// the normal numbers are rounded twice.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x), math.IsInf(x, 0), x > 709.8, x < -745.2:
		return math.Exp(x) // NaN, 0 and infinity
	}
	n := math.Floor(float64(x*math.Log2E) + 0.5)
	r := (x - float64(n*lnHigh)) - float64(n*lnLow) // |r| ≤ ln 2 / 2
	// e^r - 1 by its Taylor series, from the smallest term on.
	sum := 0.0
	for k := 16; k >= 1; k-- {
		sum = float64((1+sum)*r) / float64(k)
	}
	return math.Ldexp(1+sum, int(n))
}

// Pow is x^y for x ≥ 0. Its relative error grows with |y·ln x|: 1e-15 of it.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x == 0 && y > 0:
		return 0
	}
	return Exp(float64(y * Log(x)))
}

// PowInt is x^n by squaring.
func PowInt(x float64, n uint64) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

// CosPi is cos(π·x) for x in [0, 1].
func CosPi(x float64) float64 {
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

// Sinc is sin(πx)/(πx), and 1 at 0.
func Sinc(x float64) float64 {
	x = math.Abs(x)
	if x == 0 {
		return 1
	}
	whole := math.Floor(x)
	sinc := CosPi(math.Abs(x-whole-0.5)) / float64(math.Pi*x)
	if math.Mod(whole, 2) == 1 {
		return -sinc
	}
	return sinc
}
