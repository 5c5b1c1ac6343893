package tensor

// What recurrent cells do with a row of gates beside the functions of exp.go. Every product and every sum is rounded
// by itself, from left to right as written, so that all tiers give the same bits. In all of them the slices must be
// of one length, and none may overlap another unless it says so.

// AddMul computes dst[j] += a[j]*b[j].
func AddMul(dst, a, b []float32) {
	sameAll("AddMul", dst, a, b)
	for j := vectorAddMul(dst, a, b); j < len(dst); j++ {
		dst[j] += float32(a[j] * b[j])
	}
}

// Mix computes dst[j] = (1-z[j])*a[j] + z[j]*b[j].
func Mix(dst, z, a, b []float32) {
	sameAll("Mix", dst, z, a, b)
	for j := vectorMix(dst, z, a, b); j < len(dst); j++ {
		dst[j] = float32((1-z[j])*a[j]) + float32(z[j]*b[j])
	}
}

// SumOfProducts computes dst[j] = a[j]*b[j] + c[j]*d[j].
func SumOfProducts(dst, a, b, c, d []float32) {
	sameAll("SumOfProducts", dst, a, b, c, d)
	for j := vectorSumOfProducts(dst, a, b, c, d); j < len(dst); j++ {
		dst[j] = float32(a[j]*b[j]) + float32(c[j]*d[j])
	}
}

// LSTMBack goes back through one row of an LSTM's memory
//
//	c' = f*c + i*g,  h = o*t,  t = tanh(c')
//
// It turns the gates i, f, g and o into the gradients of what entered their sigmoid or (g) tanh, and dc from the
// gradient of c' into that of c:
//
//	d  = dc + dh*o*(1-t²)
//	di = d*g*i*(1-i),  df = d*c*f*(1-f),  dg = d*i*(1-g²),  do = dh*t*o*(1-o),  dc = d*f
func LSTMBack(i, f, g, o, c, t, dh, dc []float32) {
	sameAll("LSTMBack", dc, i, f, g, o, c, t, dh)
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

// PeepholeBack is LSTMBack where the gates i and f also see the memory c before, by weights wi and wf, and o the one
// after, by wo. Their gradients reach the memory too:
//
//	d  = dc + dh*o*(1-t²) + do*wo,  dc = d*f + di*wi + df*wf
func PeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo []float32) {
	sameAll("PeepholeBack", dc, i, f, g, o, c, t, dh, wi, wf, wo)
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

// GRUBack goes back through one row of torch.nn.GRU's state
//
//	h' = (1-z)*n + z*h,  n = tanh(x + r*u)
//
// It turns the gates r, z and n into the gradients of what entered their sigmoid or (n) tanh, sets dr, dz and du to
// those of what the state gave them, and turns dh from the gradient of h' into what h has of it directly. dr and dz
// are the same as r's and z's, and du, which holds u before, is n's times r:
//
//	dn = dh*(1-z)*(1-n²),  dr = dn*u*r*(1-r),  dz = dh*(h-n)*z*(1-z),  du = dn*r,  dh = dh*z
func GRUBack(r, z, n, dr, dz, du, h, dh []float32) {
	sameAll("GRUBack", dh, r, z, n, dr, dz, du, h)
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

// MixBack goes back through h' = (1-z)*h + z*n with z a sigmoid and n a tanh: it turns z and n into the gradients of
// what entered those, and dh from the gradient of h' into what h has of it directly:
//
//	dz = dh*(n-h)*z*(1-z),  dn = dh*z*(1-n²),  dh = dh*(1-z)
func MixBack(z, n, h, dh []float32) {
	sameAll("MixBack", dh, z, n, h)
	for j := vectorMixBack(z, n, h, dh); j < len(dh); j++ {
		d, zv, nv := dh[j], z[j], n[j]
		z[j] = d * (nv - h[j]) * zv * (1 - zv)
		n[j] = d * zv * (1 - float32(nv*nv))
		dh[j] = d * (1 - zv)
	}
}

// ResetBack goes back through r*h with r a sigmoid: it turns r into the gradient of what entered that, and adds to dh
// what h has of the product's gradient d:
//
//	dr = d*h*r*(1-r),  dh += d*r
func ResetBack(r, d, h, dh []float32) {
	sameAll("ResetBack", dh, r, d, h)
	for j := vectorResetBack(r, d, h, dh); j < len(dh); j++ {
		rv, dv := r[j], d[j]
		r[j] = dv * h[j] * rv * (1 - rv)
		dh[j] += float32(dv * rv)
	}
}

// sameAll panics unless all of x are as long as dst.
func sameAll(op string, dst []float32, x ...[]float32) {
	for _, s := range x {
		same(op, len(dst), len(s))
	}
}

// TanhSlope computes dy[j] *= 1-y[j]²: TanhBack in place.
func TanhSlope(dy, y []float32) {
	sameAll("TanhSlope", dy, y)
	for j := vectorTanhSlope(dy, y); j < len(dy); j++ {
		dy[j] *= 1 - float32(y[j]*y[j])
	}
}

// TanhBack computes dx[j] += dy[j]*(1-y[j]²): the gradient through y = tanh(x). dx may be none of the others.
func TanhBack(dx, dy, y []float32) {
	sameAll("TanhBack", dx, dy, y)
	for j := vectorTanhBack(dx, dy, y); j < len(dx); j++ {
		dx[j] += float32(dy[j] * (1 - float32(y[j]*y[j])))
	}
}

// SigmoidBack computes dx[j] += dy[j]*y[j]*(1-y[j]), the last two multiplied first: the gradient through
// y = sigmoid(x).
func SigmoidBack(dx, dy, y []float32) {
	sameAll("SigmoidBack", dx, dy, y)
	for j := vectorSigmoidBack(dx, dy, y); j < len(dx); j++ {
		dx[j] += float32(dy[j] * float32(y[j]*(1-y[j])))
	}
}
