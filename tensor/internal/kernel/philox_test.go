package kernel_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// The known answers are those published with Random123 (kat_vectors, philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		key           [2]uint32
		counter, want [4]uint32
	}{
		{[2]uint32{}, [4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint32{ones, ones}, [4]uint32{ones, ones, ones, ones},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := kernel.Philox(c.key, c.counter); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.key, c.counter, got, c.want)
		}
	}
}

func TestUniformRange(t *testing.T) {
	if got := kernel.UniformOf(0); got != 0 {
		t.Errorf("UniformOf(0) = %v", got)
	}
	if got := kernel.UniformOf(math.MaxUint32); got >= 1 || got != 1-0x1p-24 {
		t.Errorf("UniformOf(max) = %v", got)
	}
}

// Moments of a standard normal over 200,000 draws, within five standard errors.
func TestNormalMoments(t *testing.T) {
	const n = 200_000
	var m [5]float64
	for i := range uint32(n) {
		z := float64(kernel.Normal([2]uint32{1, 2}, [4]uint32{i}))
		p := 1.0
		for k := range m {
			m[k] += p / n
			p *= z
		}
	}
	for k, want := range []struct{ mean, variance float64 }{{1, 0}, {0, 1}, {1, 2}, {0, 15}, {3, 96}} {
		if off := math.Abs(m[k] - want.mean); off > 5*math.Sqrt(want.variance/n)+1e-9 {
			t.Errorf("moment %d is %v, want %v", k, m[k], want.mean)
		}
	}
}

func TestNormalPartsAgreeWithMath(t *testing.T) {
	for i := range uint32(100_000) {
		w := kernel.Philox([2]uint32{7}, [4]uint32{i})
		x := (float64(w[0]) + 0.5) / (1 << 32)
		if got, want := kernel.Log(x), math.Log(x); math.Abs(got-want) > 1e-15*math.Abs(want)+1e-16 {
			t.Fatalf("log(%v) = %v, want %v", x, got, want)
		}
		sin, cos := kernel.Turn(w[1])
		ws, wc := math.Sincos(2 * math.Pi * float64(w[1]) / (1 << 32))
		if math.Abs(sin-ws) > 2e-15 || math.Abs(cos-wc) > 2e-15 {
			t.Fatalf("turn(%x) = %v, %v, want %v, %v", w[1], sin, cos, ws, wc)
		}
	}
}

// ByteNoise are the bytes of the words, at every length and from any counter on.
func TestByteNoise(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		key := [2]uint32{0xfedcba98, 7}
		for n := range 300 {
			at := [4]uint32{uint32(n), 3, 0xfffffffe - uint32(n%20), 0xabcdef01}
			scale := []float32{0.5 / 128, 0, 1. / 3}[n%3]
			s := kerneltest.Source{Seed: 1}
			dst := kerneltest.NewGuarded(&s, 1, n, n)
			kernel.ByteNoise(dst.Data, scale, key, at)
			for i, v := range dst.Data {
				words := kernel.Philox(key, [4]uint32{at[0], at[1], at[2] + uint32(i/16), at[3]})
				b := words[i%16/4] >> (8 * (i % 4)) & 0xff
				if want := scale * (float32(b) - 128); !kerneltest.SameBits(v, want) {
					t.Fatalf("value %d of %d is %v, not %v", i, n, v, want)
				}
			}
			dst.Intact(t)
		}
	})
}

// Uniforms are the words in order, at every length and from any counter on.
func TestUniforms(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		key := [2]uint32{0xfedcba98, 7}
		for n := range 150 {
			at := [4]uint32{0xfffffffe - uint32(n%20), 3, uint32(n), 0xabcdef01}
			s := kerneltest.Source{Seed: 1}
			dst := kerneltest.NewGuarded(&s, 1, n, n)
			kernel.Uniforms(dst.Data[:n], key, at)
			for i, v := range dst.Data[:n] {
				words := kernel.Philox(key, [4]uint32{at[0] + uint32(i/4), at[1], at[2], at[3]})
				if want := kernel.UniformOf(words[i%4]); !kerneltest.SameBits(v, want) {
					t.Fatalf("value %d of %d is %v, not %v", i, n, v, want)
				}
			}
			dst.Intact(t)
		}
	})
}
