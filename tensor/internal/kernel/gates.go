package kernel

// What recurrent cells do with a row of gates beside the functions of exp.go. Every product and every sum is rounded
// by itself, from left to right as written, so that all tiers give the same bits. In all of them the slices must be
// of one length, and none may overlap another unless it says so.

// AddMul computes dst[j] += a[j]*b[j].
func AddMul(dst, a, b []float32) {
	for j := vectorAddMul(dst, a, b); j < len(dst); j++ {
		dst[j] += float32(a[j] * b[j])
	}
}

// Mix computes dst[j] = (1-z[j])*a[j] + z[j]*b[j].
func Mix(dst, z, a, b []float32) {
	for j := vectorMix(dst, z, a, b); j < len(dst); j++ {
		dst[j] = float32((1-z[j])*a[j]) + float32(z[j]*b[j])
	}
}

// SumOfProducts computes dst[j] = a[j]*b[j] + c[j]*d[j].
func SumOfProducts(dst, a, b, c, d []float32) {
	for j := vectorSumOfProducts(dst, a, b, c, d); j < len(dst); j++ {
		dst[j] = float32(a[j]*b[j]) + float32(c[j]*d[j])
	}
}

// LSTMBack is tensor.LSTMBack, which has its formulas.
func LSTMBack(i, f, g, o, c, t, dh, dc []float32) {
	for j := vectorLSTMBack(i, f, g, o, c, t, dh, dc); j < len(dc); j++ {
		iv, fv, gv, ov, tv := i[j], f[j], g[j], o[j], t[j]
		d := dc[j] + float32(dh[j]*ov*(1-float32(tv*tv)))
		i[j] = d * gv * iv * (1 - iv)
		f[j] = d * c[j] * fv * (1 - fv)
		g[j] = d * iv * (1 - float32(gv*gv))
		o[j] = dh[j] * tv * ov * (1 - ov)
		dc[j] = d * fv
	}
}

// PeepholeBack is tensor.PeepholeBack, which has its formulas.
func PeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo []float32) {
	for j := vectorPeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo); j < len(dc); j++ {
		iv, fv, gv, ov, tv := i[j], f[j], g[j], o[j], t[j]
		do := dh[j] * tv * ov * (1 - ov)
		d := dc[j] + float32(dh[j]*ov*(1-float32(tv*tv))) + float32(do*wo[j])
		di := d * gv * iv * (1 - iv)
		df := d * c[j] * fv * (1 - fv)
		i[j], f[j], g[j], o[j] = di, df, d*iv*(1-float32(gv*gv)), do
		dc[j] = float32(d*fv) + float32(di*wi[j]) + float32(df*wf[j])
	}
}

// GRUBack is tensor.GRUBack, which has its formulas.
func GRUBack(r, z, n, dr, dz, du, h, dh []float32) {
	for j := vectorGRUBack(r, z, n, dr, dz, du, h, dh); j < len(dh); j++ {
		d, rv, zv, nv := dh[j], r[j], z[j], n[j]
		gn := d * (1 - zv) * (1 - float32(nv*nv))
		gr := gn * du[j] * rv * (1 - rv)
		gz := d * (h[j] - nv) * zv * (1 - zv)
		r[j], z[j], n[j] = gr, gz, gn
		dr[j], dz[j], du[j] = gr, gz, gn*rv
		dh[j] = d * zv
	}
}

// MixBack is tensor.MixBack, which has its formulas.
func MixBack(z, n, h, dh []float32) {
	for j := vectorMixBack(z, n, h, dh); j < len(dh); j++ {
		d, zv, nv := dh[j], z[j], n[j]
		z[j] = d * (nv - h[j]) * zv * (1 - zv)
		n[j] = d * zv * (1 - float32(nv*nv))
		dh[j] = d * (1 - zv)
	}
}

// ResetBack is tensor.ResetBack, which has its formulas.
func ResetBack(r, d, h, dh []float32) {
	for j := vectorResetBack(r, d, h, dh); j < len(dh); j++ {
		rv, dv := r[j], d[j]
		r[j] = dv * h[j] * rv * (1 - rv)
		dh[j] += float32(dv * rv)
	}
}

// TanhSlope computes dy[j] *= 1-y[j]²: TanhBack in place.
func TanhSlope(dy, y []float32) {
	for j := vectorTanhSlope(dy, y); j < len(dy); j++ {
		dy[j] *= 1 - float32(y[j]*y[j])
	}
}

// TanhBack computes dx[j] += dy[j]*(1-y[j]²): the gradient through y = tanh(x). dx may be none of the others.
func TanhBack(dx, dy, y []float32) {
	for j := vectorTanhBack(dx, dy, y); j < len(dx); j++ {
		dx[j] += float32(dy[j] * (1 - float32(y[j]*y[j])))
	}
}

// SigmoidBack computes dx[j] += dy[j]*y[j]*(1-y[j]), the last two multiplied first: the gradient through
// y = sigmoid(x).
func SigmoidBack(dx, dy, y []float32) {
	for j := vectorSigmoidBack(dx, dy, y); j < len(dx); j++ {
		dx[j] += float32(dy[j] * float32(y[j]*(1-y[j])))
	}
}
