package kernel

import "math/bits"

// Philox is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// 2011): four random words for each counter under each key. It has no state, so that a value depends on
// its place alone and never on what was drawn before it.
func Philox(key [2]uint32, counter [4]uint32) [4]uint32 {
	const (
		mul0, mul1   = 0xD2511F53, 0xCD9E8D57
		weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85 // golden ratio, and sqrt(3)-1
	)
	k0, k1 := key[0], key[1]
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	for range 10 {
		hi0, lo0 := bits.Mul32(mul0, c0)
		hi1, lo1 := bits.Mul32(mul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// ByteNoise is tensor.ByteNoise, which has its formula.
func ByteNoise(dst []float32, scale float32, key [2]uint32, counter [4]uint32) {
	done := vectorByteNoise(dst, scale, key, counter)
	counter[2] += uint32(done / 16)
	for dst = dst[done:]; len(dst) > 0; counter[2]++ {
		words := Philox(key, counter)
		some := dst[:min(16, len(dst))]
		for i := range some {
			some[i] = scale * float32(int(words[i/4]>>(8*(i%4))&0xff)-128)
		}
		dst = dst[len(some):]
	}
}

// Uniforms is tensor.Uniforms, which has its formula.
func Uniforms(dst []float32, key [2]uint32, counter [4]uint32) {
	done := vectorUniforms(dst, key, counter)
	counter[0] += uint32(done / 4)
	for dst = dst[done:]; len(dst) > 0; counter[0]++ {
		words := Philox(key, counter)
		some := dst[:min(4, len(dst))]
		for i := range some {
			some[i] = UniformOf(words[i])
		}
		dst = dst[len(some):]
	}
}

// Uniform is a random value in [0, 1), a multiple of 2^-24, from the first word at counter.
func Uniform(key [2]uint32, counter [4]uint32) float32 {
	return UniformOf(Philox(key, counter)[0])
}

// UniformOf maps a random word to [0, 1).
func UniformOf(word uint32) float32 { return float32(word>>8) * (1.0 / (1 << 24)) }

// Normal is a random value of mean 0 and variance 1, from the first two words at counter.
func Normal(key [2]uint32, counter [4]uint32) float32 {
	w := Philox(key, counter)
	z, _ := NormalsOf(w[0], w[1])
	return z
}
