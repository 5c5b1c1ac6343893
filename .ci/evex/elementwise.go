//go:build linux && amd64

package main

import "math"

// masking are the instructions that may have a mask.
var masking = map[[3]byte]bool{
	{1, 0, 0x10}: true, {1, 0, 0x11}: true, {1, 0, 0x28}: true, {1, 0, 0x29}: true, // moves
	{2, 1, 0x65}: true, // VBLENDMPS
}

// whole are the instructions on bits, by the first operand and the second.
var whole = map[[3]byte]func(a, b uint32) uint32{
	{1, 1, 0xdb}: func(a, b uint32) uint32 { return a & b }, // VPANDD
	{1, 1, 0xeb}: func(a, b uint32) uint32 { return a | b }, // VPORD
	{1, 1, 0xfe}: func(a, b uint32) uint32 { return a + b }, // VPADDD
	{1, 1, 0xfa}: func(a, b uint32) uint32 { return a - b }, // VPSUBD
}

// single are those on float32 values. The processor rounds as Go does.
var single = map[[3]byte]func(a, b float32) float32{
	{1, 0, 0x58}: func(a, b float32) float32 { return a + b }, // VADDPS
	{1, 0, 0x59}: func(a, b float32) float32 { return a * b }, // VMULPS
	{1, 0, 0x5c}: func(a, b float32) float32 { return a - b }, // VSUBPS
	{1, 0, 0x5e}: func(a, b float32) float32 { return a / b }, // VDIVPS
}

// comparisons are VCMPPS's by the immediate; NaN makes those of "not" true.
var comparisons = map[byte]func(a, b float32) bool{
	1:  func(a, b float32) bool { return a < b },
	6:  func(a, b float32) bool { return !(a <= b) },
	9:  func(a, b float32) bool { return !(a >= b) },
	30: func(a, b float32) bool { return a > b },
}

// elementwise computes what goes from the operands' values, one by one, to those of the result.
func (t *tracer) elementwise(s *state, i instruction, is [3]byte) bool {
	size := 64
	if is == [3]byte{1, 0, 0x5a} {
		size = 32
	}
	v, ok := t.load(s, i, size)
	if !ok {
		return false
	}
	if doubles(s, i, is, v) {
		return true
	}
	if i.wide {
		return false
	}
	dst, left := &s.z[i.reg], s.z[i.left]
	if bitwise := whole[is]; bitwise != nil {
		for n, a := range left {
			dst[n] = bitwise(a, v[n])
		}
		return true
	}
	if f := single[is]; f != nil {
		for n, a := range left {
			dst[n] = arithmetic(f, a, v[n])
		}
		return true
	}
	return s.select16(i, is, v)
}

// arithmetic passes NaN on as the processor does: that of the first operand, quiet, before that of the second.
func arithmetic(f func(a, b float32) float32, a, b uint32) uint32 {
	const quiet = 1 << 22
	x, y := math.Float32frombits(a), math.Float32frombits(b)
	switch {
	case x != x:
		return a | quiet
	case y != y:
		return b | quiet
	}
	if r := math.Float32bits(f(x, y)); r&0x7fffffff <= 0x7f800000 {
		return r
	}
	return 0xffc00000
}

// select16 computes what compares, chooses or shifts.
func (s *state) select16(i instruction, is [3]byte, v vector) bool {
	dst, left := &s.z[i.reg], s.z[i.left]
	mask := uint16(0)
	for n, a := range left {
		x, y := math.Float32frombits(a), math.Float32frombits(v[n])
		switch is {
		case [3]byte{1, 0, 0x5d}: // VMINPS: the second operand, unless the first is less
			dst[n] = v[n]
			if x < y {
				dst[n] = a
			}
		case [3]byte{1, 0, 0x5f}: // VMAXPS
			dst[n] = v[n]
			if x > y {
				dst[n] = a
			}
		case [3]byte{2, 1, 0x65}: // VBLENDMPS
			dst[n] = a
			if s.masked(i)>>n&1 != 0 {
				dst[n] = v[n]
			}
		case [3]byte{2, 1, 0x27}: // VPTESTMD
			if a&v[n] != 0 {
				mask |= 1 << n
			}
		case [3]byte{1, 0, 0xc2}: // VCMPPS
			compare := comparisons[i.immediate]
			if compare == nil {
				return false
			}
			if compare(x, y) {
				mask |= 1 << n
			}
		case [3]byte{1, 1, 0x72}: // VPSRAD, VPSLLD by a number: the result is where others have their first operand
			switch i.reg & 7 {
			case 4:
				s.z[i.left][n] = uint32(int32(v[n]) >> i.immediate)
			case 6:
				s.z[i.left][n] = v[n] << i.immediate
			default:
				return false
			}
		default:
			return false
		}
	}
	if is == [3]byte{2, 1, 0x27} || is == [3]byte{1, 0, 0xc2} {
		s.k[i.reg&7] = mask
	}
	return true
}

// doubles computes what is made of float64 values, and tells whether it did.
func doubles(s *state, i instruction, is [3]byte, v vector) bool {
	dst, left := &s.z[i.reg], s.z[i.left]
	at := func(v *vector, n int) float64 { return math.Float64frombits(uint64(v[2*n]) | uint64(v[2*n+1])<<32) }
	var r vector
	for n := range 8 {
		var x float64
		switch {
		case is == [3]byte{1, 0, 0x5a} && !i.wide: // VCVTPS2PD
			x = float64(math.Float32frombits(v[n]))
		case is == [3]byte{1, 1, 0x58} && i.wide: // VADDPD
			x = at(&left, n) + at(&v, n)
		case is == [3]byte{2, 1, 0xb8} && i.wide: // VFMADD231PD
			x = math.FMA(at(&left, n), at(&v, n), at(dst, n))
		default:
			return false
		}
		b := math.Float64bits(x)
		r[2*n], r[2*n+1] = uint32(b), uint32(b>>32)
	}
	*dst = r
	return true
}
