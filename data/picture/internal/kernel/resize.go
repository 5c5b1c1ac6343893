package kernel

// Weights say how the pixels of one side make new ones: new pixel i is the sum of Taps old ones from First[i] on, each
// times its factor.
type Weights struct {
	Taps   int
	First  []int32 // ascends; First[i]+Taps is at most the old side
	Factor []int32 // [len(First), Taps], in fixed point of Fraction binary places
}

// Fraction is the number of binary places of a factor. Sums of 8-bit pixels with overshooting weights fit 32 bits.
const Fraction = 32 - 8 - 2

// half makes a shift round.
const half = 1 << (Fraction - 1)

// Across makes a row of len(w.First) pixels of one that begins at from. from may go on behind that row: a kernel
// reads, but does not use, a few of the bytes there.
func Across(row, from []byte, channels int, w *Weights) {
	done := 0
	if useAVX2 && channels == 3 && w.Taps%4 == 0 {
		done = len(w.First) - 1 // the kernel writes a byte too many
		for done > 0 && 3*(int(w.First[done-1])+w.Taps)+4 > len(from) {
			done-- // and reads four
		}
		if done > 0 {
			_, _ = row[3*done], w.Factor[done*w.Taps-1]
			acrossAVX2(&row[0], &from[0], &w.First[0], &w.Factor[0], w.Taps/4, done)
		}
	}
	switch {
	case channels == 1 && w.Taps == 4:
		across1By4(row, from, w)
	case channels == 3 && w.Taps == 4:
		across3By4(row, from, w, done)
	case channels == 3:
		across3(row, from, w, done)
	default:
		across(row, from, channels, w)
	}
}

// across is for any number of channels.
func across(row, from []byte, channels int, w *Weights) {
	for x, first := range w.First {
		factor := w.Factor[x*w.Taps:][:w.Taps]
		for c := range channels {
			sum := int32(half)
			for k, f := range factor {
				sum += f * int32(from[(int(first)+k)*channels+c])
			}
			row[x*channels+c] = Clip(sum >> Fraction)
		}
	}
}

// across3 makes the pixels from number x on.
func across3(row, from []byte, w *Weights, x int) {
	for ; x < len(w.First); x++ {
		r, g, b := int32(half), int32(half), int32(half)
		pixels := from[3*int(w.First[x]):][:3*w.Taps]
		for _, f := range w.Factor[x*w.Taps:][:w.Taps] {
			p := pixels[:3]
			r += f * int32(p[0])
			g += f * int32(p[1])
			b += f * int32(p[2])
			pixels = pixels[3:]
		}
		to := row[3*x:][:3]
		to[0], to[1], to[2] = Clip(r>>Fraction), Clip(g>>Fraction), Clip(b>>Fraction)
	}
}

// across3By4 is across3 for four taps, as bilinear resizing has them down to a half, and up.
func across3By4(row, from []byte, w *Weights, x int) {
	for ; x < len(w.First); x++ {
		f := w.Factor[4*x:][:4]
		p, to := from[3*int(w.First[x]):][:12], row[3*x:][:3]
		f0, f1, f2, f3 := f[0], f[1], f[2], f[3]
		to[0] = Clip((half + f0*int32(p[0]) + f1*int32(p[3]) + f2*int32(p[6]) + f3*int32(p[9])) >> Fraction)
		to[1] = Clip((half + f0*int32(p[1]) + f1*int32(p[4]) + f2*int32(p[7]) + f3*int32(p[10])) >> Fraction)
		to[2] = Clip((half + f0*int32(p[2]) + f1*int32(p[5]) + f2*int32(p[8]) + f3*int32(p[11])) >> Fraction)
	}
}

func across1By4(row, from []byte, w *Weights) {
	row = row[:len(w.First)]
	for x, first := range w.First {
		f, p := w.Factor[4*x:][:4], from[first:][:4]
		row[x] = Clip((half + f[0]*int32(p[0]) + f[1]*int32(p[1]) + f[2]*int32(p[2]) + f[3]*int32(p[3])) >> Fraction)
	}
}

// Down makes a row of the rows that begin at from, stride bytes apart, each times its factor.
func Down(row, from []byte, stride int, factor []int32) {
	n := len(row)
	if useAVX2 && n >= 32 && len(factor) > 0 && stride >= 0 {
		_ = from[(len(factor)-1)*stride+n-1]
		downAVX2(&row[0], &from[0], stride, &factor[0], len(factor), n&^31)
		if n%32 > 0 { // the last 32 bytes, some of them once more
			downAVX2(&row[n-32], &from[n-32], stride, &factor[0], len(factor), 32)
		}
		return
	}
	if len(factor) == 4 {
		downBy4(row, factor, from, from[stride:], from[2*stride:], from[3*stride:])
		return
	}
	var sums [256]int32
	for at := 0; at < n; at += len(sums) {
		part := row[at:min(n, at+len(sums))]
		sums := sums[:len(part)]
		for i := range sums {
			sums[i] = half
		}
		for k, f := range factor {
			for i, v := range from[k*stride+at:][:len(part)] {
				sums[i] += f * int32(v)
			}
		}
		for i, sum := range sums {
			part[i] = Clip(sum >> Fraction)
		}
	}
}

func downBy4(row []byte, f []int32, a, b, c, d []byte) {
	a, b, c, d = a[:len(row)], b[:len(row)], c[:len(row)], d[:len(row)]
	f0, f1, f2, f3 := f[0], f[1], f[2], f[3]
	for i := range row {
		row[i] = Clip((half + f0*int32(a[i]) + f1*int32(b[i]) + f2*int32(c[i]) + f3*int32(d[i])) >> Fraction)
	}
}
