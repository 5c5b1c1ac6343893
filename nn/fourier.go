package nn

import "github.com/rondo-ml/rondo/tensor"

// The discrete Fourier transform of frames of N real samples is computed as
// products with matrices, which the kernels are made for and which need no
// particular N. Symmetry leaves an eighth of the full matrix. With M = N/2 and
//
//	e[m] = x[m] + x[N-m]   (e[0] = x[0], e[M] = x[M])
//	o[m] = x[m] - x[N-m]
//
// the real part of bin k is Σ e[m]·cos(πkm/M) and the imaginary one, but for its
// sign, Σ o[m]·sin(πkm/M). Both are folded once more about M/2, with one sign for
// even and another for odd k. So a folded frame has four parts:
//
//	e[m] + e[M-m]  for m = 0 … M/2, the real parts of even bins
//	e[m] - e[M-m]  for m = 0 … M/2-1, of odd bins
//	o[m] - o[M-m]  for m = 1 … M/2-1, the imaginary parts of even bins
//	o[m] + o[M-m]  for m = 1 … M/2, of odd bins
//
// where the middle, m = M/2, counts once.

// transform is the four matrices, packed, and where their operands are.
type transform struct {
	parts [4]transformPart
}

type transformPart struct {
	matrix   tensor.Panels
	from, to int // columns of a folded frame, [N]
	at, end  int // columns of the spectrum, [2(N/2+1)]: real parts, then imaginary ones, in the order of bin
}

// bin is the number of the bin at a place of a spectrum: even ones come first.
func (o *MelOptions) bin(at int) int {
	if even := o.FFT/4 + 1; at >= even {
		return 2*(at-even) + 1
	}
	return 2 * at
}

// pack makes the matrices for frames of n samples, a multiple of 4 from 8 on.
func (f *transform) pack(pool *tensor.Pool, n int) {
	half := n / 4 // M/2
	even, bins := half+1, n/2+1
	angle := func(m, k int) (cos, sin float32) {
		i := k * m % n
		return float32(cosTurn(i, n)), float32(cosTurn(4*i-n, 4*n))
	}
	from := 0
	for i, p := range []struct{ first, last, bins, odd, at int }{
		{0, half, even, 0, 0}, {0, half - 1, half, 1, even},
		{1, half - 1, even, 0, bins}, {1, half, half, 1, bins + even},
	} {
		m := tensor.NewMatrix(p.last-p.first+1, p.bins)
		for r := range m.Rows {
			for j := range m.Cols {
				cos, sin := angle(p.first+r, 2*j+p.odd)
				if m.Row(r)[j] = cos; i >= 2 {
					m.Row(r)[j] = sin
				}
			}
		}
		part := &f.parts[i]
		part.from, part.to, part.at, part.end = from, from+m.Rows, p.at, p.at+p.bins
		part.matrix.Pack(pool, m)
		from += m.Rows
	}
}

// apply computes the spectra [rows, 2(N/2+1)] of folded frames [rows, N].
func (f *transform) apply(pool *tensor.Pool, spectra, frames tensor.Matrix) {
	for i := range f.parts {
		p := &f.parts[i]
		pool.MatMulBias(spectra.Columns(p.at, p.end), frames.Columns(p.from, p.to), &p.matrix, nil)
	}
}

// foldFrame folds the frame x [N] into dst [N].
func foldFrame(dst, x []float32) {
	n := len(x)
	m, half := n/2, n/4
	e := func(i int) float32 {
		if i == 0 || i == m {
			return x[i]
		}
		return x[i] + x[n-i]
	}
	sum, difference := dst[:half+1], dst[half+1:2*half+1]
	for i := range half {
		a, b := e(i), e(m-i)
		sum[i], difference[i] = a+b, a-b
	}
	sum[half] = e(half)
	difference, sum = dst[2*half+1:3*half], dst[3*half:]
	for i := 1; i < half; i++ {
		a, b := x[i]-x[n-i], x[m-i]-x[m+i]
		difference[i-1], sum[i-1] = a-b, a+b
	}
	sum[half-1] = x[half] - x[n-half]
}
