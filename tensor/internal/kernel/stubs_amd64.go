//go:build !purego

package kernel

// All of these take n values, n a multiple of 8, and are the loop in their comment.

// dst[i] = ExpOf(src[i])
//
//go:noescape
func expAVX2(dst, src *float32, n int)

// dst[i] = SigmoidOf(src[i])
//
//go:noescape
func sigmoidAVX2(dst, src *float32, n int)

// dst[i] = TanhOf(src[i])
//
//go:noescape
func tanhAVX2(dst, src *float32, n int)

// dst[i] = a[i] + b[i]
//
//go:noescape
func addAVX2(dst, a, b *float32, n int)

// dst[i] = (0 + a[i]) + a[i]
//
//go:noescape
func twiceAVX2(dst, a *float32, n int)

// dst[i] = a[i] * b[i]
//
//go:noescape
func mulAVX2(dst, a, b *float32, n int)

// dst[i] = alpha * a[i]
//
//go:noescape
func scaleAVX2(dst, a *float32, alpha float32, n int)

// dst[i] += float32(alpha * x[i])
//
//go:noescape
func axpyAVX2(dst *float32, alpha float32, x *float32, n int)

// SGDStep for n > 0, with momentum; decays tells whether decay is not zero.
//
//go:noescape
func sgdAVX2(p, m, grad *float32, n int, lr, momentum, decay float32, decays bool)

// AdamStep for n > 0; decays tells whether c.Decay is not zero.
//
//go:noescape
func adamAVX2(p, m, v, grad *float32, n int, c *AdamCoeffs, decays bool)

// s[i%16] += float64(a[i]) * float64(b[i]) for n values, n a multiple of 16.
//
//go:noescape
func dotAVX2(s *[dotChains]float64, a, b *float32, n int)

// dotAVX512 is dotAVX2.
//
//go:noescape
func dotAVX512(s *[dotChains]float64, a, b *float32, n int)

// sumsAVX512 is dotAVX512 with a b of ones.
//
//go:noescape
func sumsAVX512(s *[dotChains]float64, x *float32, n int)

// Weigh for n values, n a multiple of 8.
//
//go:noescape
func weighAVX2(dst, src *float32, step, n int, weights *float32, count int)

// s[r][i%4] += float64(x[r*stride + i]) for four rows of n values, n a multiple of 8.
//
//go:noescape
func fourSumsAVX2(s *[4][4]float64, x *float32, stride, n int)

// s[i%4] += float64(x[i])
//
//go:noescape
func sumAVX2(s *[4]float64, x *float32, n int)

// The greatest of n > 0 values, or NaN if there is one.
//
//go:noescape
func maximumAVX2(x *float32, n int) float32

// dst[i] = src[i] - s
//
//go:noescape
func subtractAVX2(dst, src *float32, s float32, n int)

// dx[i] += float32(y[i] * (dy[i] - s))
//
//go:noescape
func softmaxBackAVX2(dx, dy, y *float32, s float32, n int)

// The next ones copy n tiles' rows of 6, 8, 16 or 32 values:
//
//	for i := range n { copy(dst[i*step:][:full], src[i*full:]) }
//
// n may be 0. That of 6 values copies 8.

//go:noescape
func packRow6AVX2(dst, src *float32, n, step int)

//go:noescape
func packRow8AVX2(dst, src *float32, n, step int)

//go:noescape
func packRow16AVX2(dst, src *float32, n, step int)

//go:noescape
func packRow32AVX2(dst, src *float32, n, step int)

// asks for n cache lines, of which p lies in the first
//
//go:noescape
func fetchLines(p *float32, n int)

// dst[k*6+i] = src[min(i, rows-1)*stride+k] for i < 6, k < 8*n. It writes two values more.
//
//go:noescape
func packRows6AVX2(dst, src *float32, stride, rows, n int)

// dst[k*8+i] = src[min(i, rows-1)*stride+k] for i < 8, k < 8*n
//
//go:noescape
func packRows8AVX2(dst, src *float32, stride, rows, n int)

// for i := range n { for r := range 16 { for t := range 9 { dst[i*pitch+t*step+r] = src[i*from+9*r+t] } } }, n positive
//
//go:noescape
func packNineAVX2(dst, src *float32, step, pitch, from, n int)

// dst[i] = RoundBF16(src[i])
//
//go:noescape
func roundBF16AVX2(dst, src *float32, n int)

// dst[i^1] = RoundBF16(src[i])
//
//go:noescape
func swapBF16AVX2(dst, src *float32, n int)

// dst[i] is the word of even[i] and odd[i], rounded
//
//go:noescape
func pairRowsAVX2(dst, even, odd *float32, n int)

// dst[i] is the word of src[2*i] and src[2*i+1], rounded; n counts words
//
//go:noescape
func pairBF16AVX2(dst, src *float32, n int)

// for i := range n { copy(dst[i*16:][:16], src[i*stride:]) }
//
//go:noescape
func packColumn16AVX2(dst, src *float32, n, stride int)

// for r := range rows { for j := range n { dst[j] += a[r*stride+j] } } for n <= 8; no other values are touched
//
//go:noescape
func columnSumsAVX2(dst, a *float32, rows, stride, n int)
