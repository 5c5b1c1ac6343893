package kernel

import "math"

// NormalsOf maps two random words to two independent values of mean 0 and variance 1 (Box and Muller,
// 1958): sqrt(-2 ln u) times the cosine and the sine of a random angle. All of it is computed here in
// separately rounded float64 operations, so that every processor finds the same values.
func NormalsOf(a, b uint32) (float32, float32) {
	u := (float64(a) + 0.5) * (1.0 / (1 << 32)) // in (0, 1): the logarithm is finite
	r := math.Sqrt(-2 * log(u))
	sin, cos := turn(b)
	return float32(r * cos), float32(r * sin)
}

// log is the natural logarithm of a positive x, after FreeBSD's e_log.c: x = 2^k * f with f near 1, s = (f-1)/(f+1),
// ln f = 2s + s*R(s^2). Its last bits differ from those of LogOf. Normal values and softmaxes keep to it.
func log(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log(x) // NaN and infinities
	}
	f, k := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f *= 2
		k--
	}
	f--
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	t1 := float64(1.479819860511658591e-01*s4) + 1.818357216161805012e-01
	t1 = float64(t1*s4) + 2.857142874366239149e-01
	t1 = float64(t1*s4) + 6.666666666666735130e-01
	t1 = float64(t1 * s2)
	t2 := float64(1.531383769920937332e-01*s4) + 2.222219843214978396e-01
	t2 = float64(t2*s4) + 3.999999999940941908e-01
	t2 = float64(t2 * s4)
	h := float64(0.5 * float64(f*f))
	const hi, lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	n := float64(k)
	return float64(n*hi) - ((h - (float64(s*(h+(t1+t2))) + float64(n*lo))) - f)
}

// turn is the sine and cosine of b/2^32 of a full turn. The angle is reduced exactly, to an eighth of a
// turn about the nearest axis; the polynomials are those of Cephes' sin.c (Moshier).
func turn(b uint32) (sin, cos float64) {
	axis := (b + 1<<29) >> 30
	x := float64(float64(int32(b-axis<<30)) * (2 * math.Pi / (1 << 32))) // rounded, as it is added to below
	z := x * x
	s := float64(1.58962301576546568060e-10*z) - 2.50507477628578072866e-8
	s = float64(s*z) + 2.75573136213857245213e-6
	s = float64(s*z) - 1.98412698295895385996e-4
	s = float64(s*z) + 8.33333333332211858878e-3
	s = float64(s*z) - 1.66666666666666307295e-1
	s = float64(float64(s*z)*x) + x
	c := float64(-1.13585365213876817300e-11*z) + 2.08757008419747316778e-9
	c = float64(c*z) - 2.75573141792967388112e-7
	c = float64(c*z) + 2.48015872888517045348e-5
	c = float64(c*z) - 1.38888888888730564116e-3
	c = float64(c*z) + 4.16666666666665929218e-2
	c = float64(float64(c*z)*z) - float64(0.5*z) + 1
	switch axis {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	default:
		return -c, s
	}
}
