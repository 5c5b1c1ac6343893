package kernel

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// guarded is n bytes of a generator between others, which it writes too, and a check that those are as they were.
func guarded(r *rand.Rand, n int) (b []byte, intact func() bool) {
	const guard = 64
	all := make([]byte, n+2*guard)
	for i := range all {
		all[i] = byte(r.Uint32())
	}
	old := bytes.Clone(all)
	return all[guard : guard+n : guard+n], func() bool {
		return bytes.Equal(all[:guard], old[:guard]) && bytes.Equal(all[guard+n:], old[guard+n:])
	}
}

// plain runs f without kernels in assembly.
func plain(f func()) {
	defer func(was bool) { setAVX2(was) }(useAVX2)
	setAVX2(false)
	f()
}

// The transform in assembly has the pixels of the one in Go, of coefficients small, large and beyond all bounds.
func TestInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 20000 {
		var b [64]int32
		most := []int32{2, 100, 1000, 8000, 33000, 1 << 20, 1<<30 - 1}[i%7]
		for range 1 + r.IntN(64) {
			b[r.IntN(64)] = r.Int32N(2*most) - most
		}
		switch i % 11 {
		case 0:
			b[0] = -1 << 31
		case 1:
			b = [64]int32{}
			b[r.IntN(64)] = 32000
		case 2:
			b = [64]int32{}
			b[r.IntN(64)] = -32000
		}
		coefficients := b
		stride := 8 + r.IntN(20)
		want, _ := guarded(r, 7*stride+8)
		got := bytes.Clone(want)
		pix, intact := guarded(r, 7*stride+8)
		copy(pix, got)
		inverseGo(want, stride, &b)
		if b = coefficients; !useAVX2 {
			Inverse(pix, stride, &b)
		} else if !inverseAVX2(&pix[0], stride, &b) {
			if most < 1000 && i%11 > 2 {
				t.Fatalf("coefficients of at most %d: left to Go", most)
			}
			continue
		}
		if !bytes.Equal(pix, want) || !intact() {
			t.Fatalf("%v:\n%v\nwant\n%v", coefficients, pix, want)
		}
	}
}

// One coefficient of the largest sum that the kernel takes, at every place and with either sign at every other place,
// overflows nothing.
func TestInverseBound(t *testing.T) {
	for place := range 64 {
		for other := range 64 {
			for _, sign := range []int32{-1, 1} {
				var b, c [64]int32
				b[place], c[other] = 16000, sign*16000
				for i := range b {
					b[i] += c[i]
				}
				c = b
				want, got := make([]byte, 64), make([]byte, 64)
				inverseGo(want, 8, &b)
				if Inverse(got, 8, &c); !bytes.Equal(got, want) {
					t.Fatalf("%d and %d, %d", place, other, sign)
				}
			}
		}
	}
}

func TestRGB(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		for _, pairs := range []bool{false, true} {
			luma, _ := guarded(r, n)
			cb, _ := guarded(r, n)
			cr, _ := guarded(r, n)
			got, intact := guarded(r, 3*n)
			RGB(got, luma, cb, cr, pairs)
			want := make([]byte, 3*n)
			plain(func() { RGB(want, luma, cb, cr, pairs) })
			if !bytes.Equal(got, want) || !intact() {
				t.Fatalf("%d pixels, pairs %v", n, pairs)
			}
		}
	}
}

// Every colour difference and the extremes of luma.
func TestRGBAll(t *testing.T) {
	luma, cb, cr := make([]byte, 1<<16), make([]byte, 1<<16), make([]byte, 1<<16)
	for i := range luma {
		cb[i], cr[i] = byte(i), byte(i>>8)
	}
	for _, y := range []byte{0, 1, 127, 128, 254, 255} {
		for i := range luma {
			luma[i] = y
		}
		got, want := make([]byte, 3<<16), make([]byte, 3<<16)
		RGB(got, luma, cb, cr, false)
		rgbEach(want, luma, cb, cr)
		if !bytes.Equal(got, want) {
			t.Fatalf("luma %d", y)
		}
	}
}

// weightsOf are random weights for a side of from pixels that becomes one of to.
func weightsOf(r *rand.Rand, from, to, taps int) *Weights {
	w := &Weights{Taps: taps, First: make([]int32, to), Factor: make([]int32, to*taps)}
	for i := range w.First {
		w.First[i] = int32(r.IntN(from - taps + 1))
	}
	slices.Sort(w.First)
	for i := range w.Factor {
		w.Factor[i] = (r.Int32N(3<<Fraction) - 1<<Fraction) / int32(taps)
	}
	return w
}

func TestAcross(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 3000 {
		taps := 1 + r.IntN(17)
		if i%2 == 0 {
			taps = 4 * (1 + r.IntN(4))
		}
		from, to, channels := taps+r.IntN(40), 1+r.IntN(40), []int{1, 3, 3, 2}[r.IntN(4)]
		w := weightsOf(r, from, to, taps)
		old, _ := guarded(r, channels*from)
		got, intact := guarded(r, channels*to)
		Across(got, old, channels, w)
		want := make([]byte, channels*to)
		across(want, old, channels, w)
		again := make([]byte, channels*to)
		plain(func() { Across(again, old, channels, w) })
		if !bytes.Equal(got, want) || !bytes.Equal(again, want) || !intact() {
			t.Fatalf("%d to %d pixels of %d channels by %d taps", from, to, channels, taps)
		}
	}
}

func TestDown(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		taps, n := 1+r.IntN(17), 1+r.IntN(300)
		stride := n + r.IntN(9)
		factor := weightsOf(r, taps, 1, taps).Factor
		old, _ := guarded(r, (taps-1)*stride+n)
		got, intact := guarded(r, n)
		Down(got, old, stride, factor)
		want := make([]byte, n)
		plain(func() { Down(want, old, stride, factor) })
		for x := range want {
			sum := int32(half)
			for k, f := range factor {
				sum += f * int32(old[k*stride+x])
			}
			if want[x] != Clip(sum>>Fraction) {
				t.Fatalf("Go: column %d of %d by %d taps", x, n, taps)
			}
		}
		if !bytes.Equal(got, want) || !intact() {
			t.Fatalf("%d columns by %d taps", n, taps)
		}
	}
}
