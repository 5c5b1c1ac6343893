//go:build !purego

package kernel

//go:noescape
func inverse8x8(pix *byte, stride int, coefficients *[64]int32, factors *[14][8]int32) bool

// inverseAVX2 is inverseGo, or does nothing and gives false: sums might not fit its 32 bits.
func inverseAVX2(pix *byte, stride int, coefficients *[64]int32) bool {
	return inverse8x8(pix, stride, coefficients, &factors)
}

// factors are the constants of the transform, eight times each.
var factors = [14][8]int32{
	eight(c0541), eight(c1847), eight(c0765), eight(c1175), eight(c1961), eight(c0390), eight(c0899), eight(c2562),
	eight(c1501), eight(c3072), eight(c2053), eight(c0298), eight(firstHalf), eight(secondHalf),
}

func eight(v int32) [8]int32 { return [8]int32{v, v, v, v, v, v, v, v} }
