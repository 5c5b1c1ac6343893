//go:build !purego

package kernel

import "unsafe"

// The loops of gates.go and those in their comments for n values, n a multiple of 8.

// dst[i] += float32(a[i] * b[i])
//
//go:noescape
func addMulAVX2(dst, a, b *float32, n int)

// dst[i] = float32((1-z[i])*a[i]) + float32(z[i]*b[i])
//
//go:noescape
func mixAVX2(dst, z, a, b *float32, n int)

// dst[i] = float32(a[i]*b[i]) + float32(c[i]*d[i])
//
//go:noescape
func sumOfProductsAVX2(dst, a, b, c, d *float32, n int)

// LSTMBack
//
//go:noescape
func lstmBackAVX2(i, f, u, o, c, t, dh, dc *float32, n int)

// PeepholeBack
//
//go:noescape
func peepholeBackAVX2(i, f, u, o, c, t, dh, dc, wi, wf, wo *float32, n int)

// TanhSlope
//
//go:noescape
func tanhSlopeAVX2(dy, y *float32, n int)

// GRUBack
//
//go:noescape
func gruBackAVX2(r, z, n, dr, dz, du, h, dh *float32, count int)

// MixBack
//
//go:noescape
func mixBackAVX2(z, n, h, dh *float32, count int)

// ResetBack
//
//go:noescape
func resetBackAVX2(r, d, h, dh *float32, n int)

// dx[i] += float32(dy[i] * (1 - float32(y[i]*y[i])))
//
//go:noescape
func tanhBackAVX2(dx, dy, y *float32, n int)

// dx[i] += float32(dy[i] * float32(y[i]*(1-y[i])))
//
//go:noescape
func sigmoidBackAVX2(dx, dy, y *float32, n int)

// The functions of gates.go. As in vector_amd64.go they return how many values they computed.

func vectorAddMul(dst, a, b []float32) int {
	count := whole(len(dst))
	if count > 0 {
		addMulAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), count)
	}
	return count
}

func vectorMix(dst, z, a, b []float32) int {
	count := whole(len(dst))
	if count > 0 {
		mixAVX2(unsafe.SliceData(dst), unsafe.SliceData(z), unsafe.SliceData(a), unsafe.SliceData(b), count)
	}
	return count
}

func vectorSumOfProducts(dst, a, b, c, d []float32) int {
	count := whole(len(dst))
	if count > 0 {
		sumOfProductsAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), unsafe.SliceData(c), unsafe.SliceData(d), count)
	}
	return count
}

func vectorLSTMBack(i, f, g, o, c, t, dh, dc []float32) int {
	count := whole(len(i))
	if count > 0 {
		lstmBackAVX2(unsafe.SliceData(i), unsafe.SliceData(f), unsafe.SliceData(g), unsafe.SliceData(o), unsafe.SliceData(c), unsafe.SliceData(t), unsafe.SliceData(dh), unsafe.SliceData(dc), count)
	}
	return count
}

func vectorPeepholeBack(i, f, g, o, c, t, dh, dc, wi, wf, wo []float32) int {
	count := whole(len(i))
	if count > 0 {
		peepholeBackAVX2(unsafe.SliceData(i), unsafe.SliceData(f), unsafe.SliceData(g), unsafe.SliceData(o), unsafe.SliceData(c), unsafe.SliceData(t),
			unsafe.SliceData(dh), unsafe.SliceData(dc), unsafe.SliceData(wi), unsafe.SliceData(wf), unsafe.SliceData(wo), count)
	}
	return count
}

func vectorTanhSlope(dy, y []float32) int {
	count := whole(len(dy))
	if count > 0 {
		tanhSlopeAVX2(unsafe.SliceData(dy), unsafe.SliceData(y), count)
	}
	return count
}

func vectorGRUBack(r, z, n, dr, dz, du, h, dh []float32) int {
	count := whole(len(r))
	if count > 0 {
		gruBackAVX2(unsafe.SliceData(r), unsafe.SliceData(z), unsafe.SliceData(n), unsafe.SliceData(dr), unsafe.SliceData(dz), unsafe.SliceData(du), unsafe.SliceData(h), unsafe.SliceData(dh), count)
	}
	return count
}

func vectorMixBack(z, n, h, dh []float32) int {
	count := whole(len(z))
	if count > 0 {
		mixBackAVX2(unsafe.SliceData(z), unsafe.SliceData(n), unsafe.SliceData(h), unsafe.SliceData(dh), count)
	}
	return count
}

func vectorResetBack(r, d, h, dh []float32) int {
	count := whole(len(r))
	if count > 0 {
		resetBackAVX2(unsafe.SliceData(r), unsafe.SliceData(d), unsafe.SliceData(h), unsafe.SliceData(dh), count)
	}
	return count
}

func vectorTanhBack(dx, dy, y []float32) int {
	count := whole(len(dx))
	if count > 0 {
		tanhBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), count)
	}
	return count
}

func vectorSigmoidBack(dx, dy, y []float32) int {
	count := whole(len(dx))
	if count > 0 {
		sigmoidBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), count)
	}
	return count
}
