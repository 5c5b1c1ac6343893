package kernel

import "math"

// FMA32 returns x*y + z rounded once, as the fused multiply-add of a processor does, in plain Go.
//
// The product of two float32 values is exact in float64. Their sum with z may be rounded, and rounding
// it again to float32 goes wrong only where the first rounding landed exactly halfway between two float32
// values: then the lost part decides (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd", 2008).
func FMA32(x, y, z float32) float32 {
	s := float64(float64(x)*float64(y)) + float64(z)
	if b := math.Float64bits(s); b<<lostBits == 1<<63 || b<<1 < minNormal<<1 {
		return fmaOdd(x, y, z)
	}
	return float32(s)
}

const (
	// lostBits shifts out all but the 29 bits that a normal float32 loses against float64. The value is
	// halfway between two if only the first of them is set.
	lostBits = 64 - 29
	// minNormal is the bits of 2^-126 in float64. Below it a float32 loses more, except for zero.
	minNormal = (1023 - 126) << 52
)

// fmaOdd rounds the sum to odd instead: truncated, with the last bit set if anything was lost. Then the
// second rounding is the only one that counts.
//
//go:noinline
func fmaOdd(x, y, z float32) float32 {
	return float32(sumOdd(float64(float64(x)*float64(y)), float64(z)))
}

// sumOdd is p + c rounded to odd.
func sumOdd(p, c float64) float64 {
	s := p + c
	// Two-sum (Knuth): p + c = s + e exactly.
	t := s - p
	e := (p - (s - t)) + (c - t)
	if b := math.Float64bits(s); e != 0 && b&1 == 0 {
		if (e > 0) == (s > 0) {
			b++
		} else {
			b--
		}
		s = math.Float64frombits(b)
	}
	return s
}
