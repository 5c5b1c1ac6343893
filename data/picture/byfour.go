package picture

// fourWeights are the weights of four old pixels, some of which may be 0. Sums of integers are the same in any order, so
// the loops below give the bits of the general ones. They serve bilinear resizing down to a half, and up.
type fourWeights struct {
	first int
	f     [4]int32
}

// inFours gives the weights of a side of from pixels as four each, if no new pixel has more.
func (w *weights) inFours(from int) {
	w.four = w.four[:0]
	if from < 4 {
		return
	}
	for i, factor := range w.factor {
		if len(factor) > 4 {
			w.four = w.four[:0]
			return
		}
		four := fourWeights{first: min(w.first[i], from-4)}
		copy(four.f[w.first[i]-four.first:], factor)
		w.four = append(w.four, four)
	}
}

// row1ByFour resizes one row of one channel.
func row1ByFour(row, from []byte, four []fourWeights) {
	row = row[:len(four)]
	for x := range four {
		w := &four[x]
		p := from[w.first:][:4]
		row[x] = clip((half + w.f[0]*int32(p[0]) + w.f[1]*int32(p[1]) + w.f[2]*int32(p[2]) + w.f[3]*int32(p[3])) >> fraction)
	}
}

// row3ByFour resizes one row of three channels.
func row3ByFour(row, from []byte, four []fourWeights) {
	for x := range four {
		w := &four[x]
		p, to := from[3*w.first:][:12], row[3*x:][:3]
		f0, f1, f2, f3 := w.f[0], w.f[1], w.f[2], w.f[3]
		to[0] = clip((half + f0*int32(p[0]) + f1*int32(p[3]) + f2*int32(p[6]) + f3*int32(p[9])) >> fraction)
		to[1] = clip((half + f0*int32(p[1]) + f1*int32(p[4]) + f2*int32(p[7]) + f3*int32(p[10])) >> fraction)
		to[2] = clip((half + f0*int32(p[2]) + f1*int32(p[5]) + f2*int32(p[8]) + f3*int32(p[11])) >> fraction)
	}
}

// columnsByFour makes one row of four.
func columnsByFour(row []byte, f [4]int32, a, b, c, d []byte) {
	a, b, c, d = a[:len(row)], b[:len(row)], c[:len(row)], d[:len(row)]
	f0, f1, f2, f3 := f[0], f[1], f[2], f[3]
	for i := range row {
		row[i] = clip((half + f0*int32(a[i]) + f1*int32(b[i]) + f2*int32(c[i]) + f3*int32(d[i])) >> fraction)
	}
}
