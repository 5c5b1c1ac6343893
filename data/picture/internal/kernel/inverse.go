package kernel

// The constants of the transform in fixed point of 13 bits: sums and differences of √2·cos(kπ/16).
const (
	places = 13
	extra  = 2 // more places between the two passes

	c0298 = 2446
	c0390 = 3196
	c0541 = 4433
	c0765 = 6270
	c0899 = 7373
	c1175 = 9633
	c1501 = 12299
	c1847 = 15137
	c1961 = 16069
	c2053 = 16819
	c2562 = 20995
	c3072 = 25172
)

// A pass shifts its sums to the right by so many places, and adds half of the last one before it. The second one also
// moves pixels from around 0 to around 128.
const (
	firstShift  = places - extra
	firstHalf   = 1 << (firstShift - 1)
	secondShift = places + extra + 3
	secondHalf  = 1<<(secondShift-1) + 128<<secondShift
)

// Inverse makes 8×8 pixels, in rows stride apart, of coefficients [8, 8] by the inverse cosine transform of Loeffler,
// Ligtenberg and Moschytz (1989), columns first, in the fixed point of libjpeg: its accurate integer transform, to the bit.
// It uses the coefficients up.
func Inverse(pix []byte, stride int, b *[64]int32) {
	_ = pix[7*stride : 7*stride+8]
	if useAVX2 && stride > 0 && inverseAVX2(&pix[0], stride, b) {
		return
	}
	inverseGo(pix, stride, b)
}

func inverseGo(pix []byte, stride int, b *[64]int32) {
	for x := range 8 {
		if b[8+x]|b[16+x]|b[24+x]|b[32+x]|b[40+x]|b[48+x]|b[56+x] == 0 {
			v := b[x] << extra
			b[x], b[8+x], b[16+x], b[24+x], b[32+x], b[40+x], b[48+x], b[56+x] = v, v, v, v, v, v, v, v
			continue
		}
		e0, e1, e2, e3 := evenHalf(int64(b[x]), int64(b[16+x]), int64(b[32+x]), int64(b[48+x]))
		o0, o1, o2, o3 := oddHalf(int64(b[8+x]), int64(b[24+x]), int64(b[40+x]), int64(b[56+x]))
		const shift, half = firstShift, firstHalf
		b[x], b[56+x] = int32((e0+o0+half)>>shift), int32((e0-o0+half)>>shift)
		b[8+x], b[48+x] = int32((e1+o1+half)>>shift), int32((e1-o1+half)>>shift)
		b[16+x], b[40+x] = int32((e2+o2+half)>>shift), int32((e2-o2+half)>>shift)
		b[24+x], b[32+x] = int32((e3+o3+half)>>shift), int32((e3-o3+half)>>shift)
	}
	for y := range 8 {
		r := b[8*y:][:8:8]
		e0, e1, e2, e3 := evenHalf(int64(r[0]), int64(r[2]), int64(r[4]), int64(r[6]))
		o0, o1, o2, o3 := oddHalf(int64(r[1]), int64(r[3]), int64(r[5]), int64(r[7]))
		const shift, half = secondShift, secondHalf
		row := pix[y*stride:][:8:8]
		row[0], row[7] = clip64((e0+o0+half)>>shift), clip64((e0-o0+half)>>shift)
		row[1], row[6] = clip64((e1+o1+half)>>shift), clip64((e1-o1+half)>>shift)
		row[2], row[5] = clip64((e2+o2+half)>>shift), clip64((e2-o2+half)>>shift)
		row[3], row[4] = clip64((e3+o3+half)>>shift), clip64((e3-o3+half)>>shift)
	}
}

func clip64(v int64) byte {
	if uint64(v) > 255 {
		return byte(^v >> 63) // 0 below, 255 above
	}
	return byte(v)
}

// evenHalf is what coefficients 0, 2, 4 and 6 give to points 0, 1, 2 and 3, and the same to 7, 6, 5 and 4.
func evenHalf(x0, x2, x4, x6 int64) (e0, e1, e2, e3 int64) {
	z := (x2 + x6) * c0541
	a, b := z-x6*c1847, z+x2*c0765
	s, d := (x0+x4)<<places, (x0-x4)<<places
	return s + b, d + a, d - a, s - b
}

// oddHalf is what coefficients 1, 3, 5 and 7 give to points 0, 1, 2 and 3, and take from 7, 6, 5 and 4.
func oddHalf(x1, x3, x5, x7 int64) (o0, o1, o2, o3 int64) {
	z := (x7 + x3 + x5 + x1) * c1175
	z1, z2 := (x7+x1)*-c0899, (x5+x3)*-c2562
	z3, z4 := z-(x7+x3)*c1961, z-(x5+x1)*c0390
	return x1*c1501 + z1 + z4, x3*c3072 + z2 + z3, x5*c2053 + z2 + z4, x7*c0298 + z1 + z3
}
