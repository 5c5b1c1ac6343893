//go:build !purego

package kernel

// The loops of exp.go and erf.go for n values, n a multiple of 16.

// dst[i] = ExpOf(src[i])
//
//go:noescape
func expAVX512(dst, src *float32, n int)

// dst[i] = SigmoidOf(src[i])
//
//go:noescape
func sigmoidAVX512(dst, src *float32, n int)

// dst[i] = TanhOf(src[i])
//
//go:noescape
func tanhAVX512(dst, src *float32, n int)

// dst[i] = GELUOf(src[i])
//
//go:noescape
func geluAVX512(dst, src *float32, n int)

// dst[i] = SiLUOf(src[i])
//
//go:noescape
func siluAVX512(dst, src *float32, n int)

// GELUBack
//
//go:noescape
func geluBackAVX512(dx, dy, x *float32, n int)

// SiLUBack
//
//go:noescape
func siluBackAVX512(dx, dy, x *float32, n int)
