package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// What recurrent cells do with a row of gates beside Sigmoid and Tanh. Every product and every sum is rounded by itself,
// from left to right as written, so that all tiers give the same bits. In all of these functions the slices must be of
// one length, and none may overlap another unless the function says so.

// AddMul computes dst[j] += a[j]*b[j].
func AddMul(dst, a, b []float32) {
	sameAll("AddMul", dst, a, b)
	kernel.AddMul(dst, a, b)
}

// Mix computes dst[j] = (1-z[j])*a[j] + z[j]*b[j].
func Mix(dst, z, a, b []float32) {
	sameAll("Mix", dst, z, a, b)
	kernel.Mix(dst, z, a, b)
}

// SumOfProducts computes dst[j] = a[j]*b[j] + c[j]*d[j].
func SumOfProducts(dst, a, b, c, d []float32) {
	sameAll("SumOfProducts", dst, a, b, c, d)
	kernel.SumOfProducts(dst, a, b, c, d)
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
	kernel.LSTMBack(i, f, g, o, c, t, dh, dc)
}

// PeepholeBack is LSTMBack where the gates i and f also see the memory c before, by weights wi and wf, and o the one
// after, by wo. Their gradients reach the memory too:
//
//	d  = dc + dh*o*(1-t²) + do*wo,  dc = d*f + di*wi + df*wf
func PeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo []float32) {
	sameAll("PeepholeBack", dc, i, f, g, o, c, t, dh, wi, wf, wo)
	kernel.PeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo)
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
	kernel.GRUBack(r, z, n, dr, dz, du, h, dh)
}

// MixBack goes back through h' = (1-z)*h + z*n with z a sigmoid and n a tanh: it turns z and n into the gradients of
// what entered those, and dh from the gradient of h' into what h has of it directly:
//
//	dz = dh*(n-h)*z*(1-z),  dn = dh*z*(1-n²),  dh = dh*(1-z)
func MixBack(z, n, h, dh []float32) {
	sameAll("MixBack", dh, z, n, h)
	kernel.MixBack(z, n, h, dh)
}

// ResetBack goes back through r*h with r a sigmoid: it turns r into the gradient of what entered that, and adds to dh
// what h has of the product's gradient d:
//
//	dr = d*h*r*(1-r),  dh += d*r
func ResetBack(r, d, h, dh []float32) {
	sameAll("ResetBack", dh, r, d, h)
	kernel.ResetBack(r, d, h, dh)
}

// TanhSlope computes dy[j] *= 1-y[j]²: TanhBack in place.
func TanhSlope(dy, y []float32) {
	sameAll("TanhSlope", dy, y)
	kernel.TanhSlope(dy, y)
}

// TanhBack computes dx[j] += dy[j]*(1-y[j]²): the gradient through y = tanh(x). dx may be none of the others.
func TanhBack(dx, dy, y []float32) {
	sameAll("TanhBack", dx, dy, y)
	kernel.TanhBack(dx, dy, y)
}

// SigmoidBack computes dx[j] += dy[j]*y[j]*(1-y[j]), the last two multiplied first: the gradient through
// y = sigmoid(x).
func SigmoidBack(dx, dy, y []float32) {
	sameAll("SigmoidBack", dx, dy, y)
	kernel.SigmoidBack(dx, dy, y)
}
