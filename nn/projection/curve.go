package projection

import "math"

// curve returns a and b, so that 1/(1+a·x^2b) is as near as can be, in squares, to 1 up to least and exp(-(x-least))
// beyond, for 300 x from 0 to 3. Steps of Levenberg and Marquardt, from 1 and 1.
func curve(least float64) (a, b float64) {
	const points, rounds = 300, 200
	a, b = 1, 1
	damp := 1e-3
	left := curveError(a, b, least)
	for range rounds {
		var aa, ab, bb, ga, gb float64
		for i := 1; i < points; i++ { // at 0 there is nothing to fit
			x := 3 * float64(i) / (points - 1)
			p := math.Pow(x, 2*b)
			f := 1 / (1 + a*p)
			off := wanted(x, least) - f
			da, db := -f*f*p, -f*f*a*p*2*math.Log(x)
			aa, ab, bb = aa+da*da, ab+da*db, bb+db*db
			ga, gb = ga+da*off, gb+db*off
		}
		m, n := aa*(1+damp), bb*(1+damp)
		det := m*n - ab*ab
		na, nb := a+(n*ga-ab*gb)/det, b+(m*gb-ab*ga)/det
		if next := curveError(na, nb, least); na > 0 && nb > 0 && next <= left {
			small := math.Abs(na-a) <= 1e-12*a && math.Abs(nb-b) <= 1e-12*b
			a, b, left, damp = na, nb, next, damp/10
			if small {
				break
			}
			continue
		}
		damp *= 10
	}
	return a, b
}

// wanted is the curve that is to be met.
func wanted(x, least float64) float64 {
	if x < least {
		return 1
	}
	return math.Exp(-(x - least))
}

func curveError(a, b, least float64) (sum float64) {
	for i := range 300 {
		x := 3 * float64(i) / 299
		d := wanted(x, least) - 1/(1+a*math.Pow(x, 2*b))
		sum += d * d
	}
	return sum
}
