package safetensors

import "math"

// Float16 is a number of IEEE 754's binary16 by its bits: 1 of sign, 5 of exponent,
// 10 of fraction.
type Float16 uint16

// BFloat16 is the upper half of a float32: 1 bit of sign, 8 of exponent, 7 of fraction.
type BFloat16 uint16

// Float32 is the same number.
func (h BFloat16) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// Float32 is the same number.
func (h Float16) Float32() float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31: // infinite, or NaN
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // fraction/1024 of the smallest normal number, 2⁻¹⁴
		small := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(small))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// ToFloat16 is the nearest Float16, ties to even. What is beyond 65504 by half a unit
// or more is infinite.
func ToFloat16(x float64) Float16 {
	sign := Float16(math.Float64bits(x)>>48) & (1 << 15)
	switch x = math.Abs(x); {
	case x != x:
		return sign | 31<<10 | 1<<9
	case x >= 65520:
		return sign | 31<<10
	case x < 1.0/(1<<14): // in units of 2⁻²⁴; 1024 of them are the smallest normal number
		return sign | Float16(math.RoundToEven(x*(1<<24)))
	}
	_, exponent := math.Frexp(x) // x = f·2^exponent, f in [1/2, 1)
	units := Float16(math.RoundToEven(math.Ldexp(x, 11-exponent)))
	return sign | (Float16(exponent+13)<<10 + units) // the leading bit of units adds one to the exponent, a carry another
}

// ToBFloat16 is the nearest BFloat16, ties to even.
func ToBFloat16(x float64) BFloat16 {
	sign := BFloat16(math.Float64bits(x)>>48) & (1 << 15)
	const smallest = -126 // exponent of the smallest normal number
	switch x = math.Abs(x); {
	case x != x:
		return sign | 255<<7 | 1<<6
	case math.IsInf(x, 0):
		return sign | 255<<7
	case x < math.Ldexp(1, smallest):
		return sign | BFloat16(math.RoundToEven(math.Ldexp(x, 7-smallest)))
	}
	_, exponent := math.Frexp(x)
	if exponent > 128 {
		return sign | 255<<7
	}
	units := BFloat16(math.RoundToEven(math.Ldexp(x, 8-exponent)))
	return sign | (BFloat16(exponent+125)<<7 + units)
}
