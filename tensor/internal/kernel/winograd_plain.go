package kernel

// The transforms of Winograd, channel by channel; assembly takes whole vectors of channels and has the same bits. All
// values of one element of a patch lie in a plane of their own.

// halfOf is x/2, rounded by itself.
func halfOf(x float32) float32 { return float32(0.5 * x) }

// PatchIn transforms pixels into the elements of a patch. at says where the pixels begin in x, row by row: 16 of
// them, or the first 4 of a square of gradients. One that is negative is taken from zero, n zeros.
type PatchIn struct {
	At       [16]int
	X, Zero  []float32
	V        []float32 // where the elements go, plane apart
	Plane, N int
}

func (p *PatchIn) pixel(i, j int) float32 {
	if p.At[i] < 0 {
		return p.Zero[j]
	}
	return p.X[p.At[i]+j]
}

// alongPatch is a row of BT d, or a column of d B.
func alongPatch(a, b, c, d float32) (float32, float32, float32, float32) {
	return a - c, b + c, c - b, b - d
}

// Inputs computes BT (d B).
func (p *PatchIn) Inputs() {
	for j := vectorPatch(p); j < p.N; j++ {
		var u [16]float32
		for i := 0; i < 16; i += 4 {
			u[i], u[i+1], u[i+2], u[i+3] = alongPatch(p.pixel(i, j), p.pixel(i+1, j), p.pixel(i+2, j), p.pixel(i+3, j))
		}
		for i := range 4 {
			v := p.V[i*p.Plane+j:]
			v[0], v[4*p.Plane], v[8*p.Plane], v[12*p.Plane] = alongPatch(u[i], u[i+4], u[i+8], u[i+12])
		}
	}
}

// Gradients computes (A' dy) A'T.
func (p *PatchIn) Gradients() {
	for j := vectorGradients(p); j < p.N; j++ {
		a, b, c, d := p.pixel(0, j), p.pixel(1, j), p.pixel(2, j), p.pixel(3, j)
		rows := [4][2]float32{{a, b}, {a + c, b + d}, {a - c, b - d}, {c, d}}
		for i, r := range rows {
			v := p.V[4*i*p.Plane+j:]
			v[0], v[p.Plane], v[2*p.Plane], v[3*p.Plane] = r[0], r[0]+r[1], r[0]-r[1], r[1]
		}
	}
}

// PatchOut transforms the elements of a patch into a square of outputs. at says where those begin in y; where it is
// negative, nothing is written: assembly uses n values of waste instead.
type PatchOut struct {
	At       [4]int
	Y, Waste []float32
	Start    []float32 // what is added to all of them; nil: what y holds
	M        []float32 // the elements, plane apart
	Plane, N int
}

// acrossPatch is a row of m A, or a column of AT m.
func acrossPatch(a, b, c, d float32) (float32, float32) { return (b + a) + c, (b - c) - d }

// Outputs computes start + AT (m A).
func (p *PatchOut) Outputs() {
	for j := vectorOutputs(p); j < p.N; j++ {
		var left, right [4]float32
		for i := range 4 {
			m := p.M[4*i*p.Plane+j:]
			left[i], right[i] = acrossPatch(m[0], m[p.Plane], m[2*p.Plane], m[3*p.Plane])
		}
		var y [4]float32
		y[0], y[2] = acrossPatch(left[0], left[1], left[2], left[3])
		y[1], y[3] = acrossPatch(right[0], right[1], right[2], right[3])
		for i, at := range p.At {
			switch {
			case at < 0:
			case p.Start == nil:
				p.Y[at+j] += y[i]
			default:
				p.Y[at+j] = y[i] + p.Start[j]
			}
		}
	}
}

// kernelOf is a row of G g, or a column of g GT.
func kernelOf(a, b, c float32) (float32, float32, float32, float32) {
	s := a + c
	return a, halfOf(s + b), halfOf(s - b), c
}

// WinogradKernels computes G (g GT) for n pairs of channels: dst[e*plane + j] from src[tap*from + j].
func WinogradKernels(dst, src []float32, plane, from, n int) {
	for j := vectorKernels(dst, src, plane, from, n); j < n; j++ {
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

// WinogradTaps computes GT (m G') for n pairs of channels: dst[tap*to + j] from src[e*plane + j].
func WinogradTaps(dst, src []float32, to, plane, n int) {
	for j := vectorTaps(dst, src, to, plane, n); j < n; j++ {
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
