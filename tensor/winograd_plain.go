package tensor

// The transforms of Winograd, channel by channel; assembly takes whole vectors of channels and has the same bits. All
// values of one element of a patch lie in a plane of their own.

// halfOf is x/2, rounded by itself.
func halfOf(x float32) float32 { return float32(0.5 * x) }

// patchIn transforms pixels into the elements of a patch. at says where the pixels begin in x, row by row: 16 of
// them, or the first 4 of a square of gradients. One that is negative is taken from zero, n zeros.
type patchIn struct {
	at       [16]int
	x, zero  []float32
	v        []float32 // where the elements go, plane apart
	plane, n int
}

func (p *patchIn) pixel(i, j int) float32 {
	if p.at[i] < 0 {
		return p.zero[j]
	}
	return p.x[p.at[i]+j]
}

// alongPatch is a row of BT d, or a column of d B.
func alongPatch(a, b, c, d float32) (float32, float32, float32, float32) {
	return a - c, b + c, c - b, b - d
}

// inputs computes BT (d B) for channels from j0 on.
func (p *patchIn) inputs(j0 int) {
	for j := j0; j < p.n; j++ {
		var u [16]float32
		for i := 0; i < 16; i += 4 {
			u[i], u[i+1], u[i+2], u[i+3] = alongPatch(p.pixel(i, j), p.pixel(i+1, j), p.pixel(i+2, j), p.pixel(i+3, j))
		}
		for i := range 4 {
			v := p.v[i*p.plane+j:]
			v[0], v[4*p.plane], v[8*p.plane], v[12*p.plane] = alongPatch(u[i], u[i+4], u[i+8], u[i+12])
		}
	}
}

// gradients computes (A' dy) A'T for channels from j0 on.
func (p *patchIn) gradients(j0 int) {
	for j := j0; j < p.n; j++ {
		a, b, c, d := p.pixel(0, j), p.pixel(1, j), p.pixel(2, j), p.pixel(3, j)
		rows := [4][2]float32{{a, b}, {a + c, b + d}, {a - c, b - d}, {c, d}}
		for i, r := range rows {
			v := p.v[4*i*p.plane+j:]
			v[0], v[p.plane], v[2*p.plane], v[3*p.plane] = r[0], r[0]+r[1], r[0]-r[1], r[1]
		}
	}
}

// patchOut transforms the elements of a patch into a square of outputs. at says where those begin in y; where it is
// negative, nothing is written: assembly uses n values of waste instead.
type patchOut struct {
	at       [4]int
	y, waste []float32
	start    []float32 // what is added to all of them; nil: what y holds
	m        []float32 // the elements, plane apart
	plane, n int
}

// acrossPatch is a row of m A, or a column of AT m.
func acrossPatch(a, b, c, d float32) (float32, float32) { return (b + a) + c, (b - c) - d }

// outputs computes start + AT (m A) for channels from j0 on.
func (p *patchOut) outputs(j0 int) {
	for j := j0; j < p.n; j++ {
		var left, right [4]float32
		for i := range 4 {
			m := p.m[4*i*p.plane+j:]
			left[i], right[i] = acrossPatch(m[0], m[p.plane], m[2*p.plane], m[3*p.plane])
		}
		var y [4]float32
		y[0], y[2] = acrossPatch(left[0], left[1], left[2], left[3])
		y[1], y[3] = acrossPatch(right[0], right[1], right[2], right[3])
		for i, at := range p.at {
			switch {
			case at < 0:
			case p.start == nil:
				p.y[at+j] += y[i]
			default:
				p.y[at+j] = y[i] + p.start[j]
			}
		}
	}
}

// kernelOf is a row of G g, or a column of g GT.
func kernelOf(a, b, c float32) (float32, float32, float32, float32) {
	s := a + c
	return a, halfOf(s + b), halfOf(s - b), c
}

// kernels computes G (g GT) for n pairs of channels from j0 on: dst[e*plane + j] from src[tap*from + j].
func kernels(dst, src []float32, plane, from, n, j0 int) {
	for j := j0; j < n; j++ {
		var rows [3][4]float32
		for i := range rows {
			g := src[3*i*from+j:]
			rows[i][0], rows[i][1], rows[i][2], rows[i][3] = kernelOf(g[0], g[from], g[2*from])
		}
		for i := range 4 {
			u := dst[i*plane+j:]
			u[0], u[4*plane], u[8*plane], u[12*plane] = kernelOf(rows[0][i], rows[1][i], rows[2][i])
		}
	}
}

// tapsOf is a row of GT m, or a column of m G'.
func tapsOf(a, b, c, d float32) (float32, float32, float32) {
	s := halfOf(b + c)
	return s + a, halfOf(b - c), s - d
}

// taps computes GT (m G') for n pairs of channels from j0 on: dst[tap*to + j] from src[e*plane + j].
func taps(dst, src []float32, to, plane, n, j0 int) {
	for j := j0; j < n; j++ {
		var rows [4][3]float32
		for i := range rows {
			m := src[4*i*plane+j:]
			rows[i][0], rows[i][1], rows[i][2] = tapsOf(m[0], m[plane], m[2*plane], m[3*plane])
		}
		for i := range 3 {
			d := dst[i*to+j:]
			d[0], d[3*to], d[6*to] = tapsOf(rows[0][i], rows[1][i], rows[2][i], rows[3][i])
		}
	}
}
