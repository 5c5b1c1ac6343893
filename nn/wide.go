package nn

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
)

// wide is the number m·2^(256·e), m ≥ 0: a product of many probabilities keeps
// its 53 bits where a float64 would underflow. It is 0, or m lies in [2^-256,
// 2^256), but in a sum of a few, which may lie a little above.
type wide struct {
	m float64
	e int
}

const (
	wideUnit   = 0x1p256
	wideInvert = 0x1p-256
	wideLog    = 256 * math.Ln2
)

// wideExp is e^x for x ≤ 0.
func wideExp(x float64) wide {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return wide{m: portable.Exp(x)} // 0 of -Inf
	}
	e := math.Ceil(x / wideLog)
	return wide{m: portable.Exp(x - float64(e*wideLog)), e: int(e)}.normal()
}

// normal brings a product of two back into range.
func (a wide) normal() wide {
	switch {
	case a.m == 0:
		return wide{}
	case a.m < wideInvert:
		return wide{a.m * wideUnit, a.e - 1}
	case a.m >= wideUnit:
		return wide{a.m * wideInvert, a.e + 1}
	}
	return a
}

// plus is a + b, where what is smaller by 2^256 or more may be left out.
func (a wide) plus(b wide) wide {
	if a.e == b.e {
		return wide{a.m + b.m, a.e}
	}
	return a.plusApart(b)
}

func (a wide) plusApart(b wide) wide {
	switch {
	case a.m == 0:
		return b
	case b.m == 0:
		return a
	case a.e < b.e:
		a, b = b, a
	}
	if a.e == b.e+1 {
		a.m += float64(b.m * wideInvert)
	}
	return a
}

// sum3 is a + b + c.
func sum3(a, b, c wide) wide {
	if a.e == b.e && a.e == c.e {
		return wide{a.m + b.m + c.m, a.e}
	}
	return a.plus(b).plus(c)
}

// times is a·b.
func (a wide) times(b wide) wide {
	m := float64(a.m * b.m)
	if m >= wideInvert && m < wideUnit {
		return wide{m, a.e + b.e}
	}
	return wide{m, a.e + b.e}.normal()
}

// share is a·b/c as a float64.
func (a wide) share(b, c wide) float64 {
	ratio := float64(a.m*b.m) / c.m
	if e := a.e + b.e - c.e; e != 0 {
		return math.Ldexp(ratio, 256*max(min(e, 8), -8))
	}
	return ratio
}

// log is the natural logarithm.
func (a wide) log() float64 { return portable.Log(a.m) + float64(float64(a.e)*wideLog) }
