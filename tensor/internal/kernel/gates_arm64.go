//go:build !purego

package kernel

import "unsafe"

// The loops of gates.go and those in their comments for n values, n a multiple of 4.

// dst[i] += float32(a[i] * b[i])
//
//go:noescape
func addMulNEON(dst, a, b *float32, n int)

// dst[i] = float32((1-z[i])*a[i]) + float32(z[i]*b[i])
//
//go:noescape
func mixNEON(dst, z, a, b *float32, n int)

// dst[i] = float32(a[i]*b[i]) + float32(c[i]*d[i])
//
//go:noescape
func sumOfProductsNEON(dst, a, b, c, d *float32, n int)

// LSTMBack
//
//go:noescape
func lstmBackNEON(i, f, u, o, c, t, dh, dc *float32, n int)

// GRUBack
//
//go:noescape
func gruBackNEON(r, z, n, dr, dz, du, h, dh *float32, count int)

func vectorAddMul(dst, a, b []float32) int {
	count := wholeNEON(len(dst))
	addMulNEON(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), count)
	return count
}

func vectorMix(dst, z, a, b []float32) int {
	count := wholeNEON(len(dst))
	mixNEON(unsafe.SliceData(dst), unsafe.SliceData(z), unsafe.SliceData(a), unsafe.SliceData(b), count)
	return count
}

func vectorSumOfProducts(dst, a, b, c, d []float32) int {
	count := wholeNEON(len(dst))
	sumOfProductsNEON(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), unsafe.SliceData(c), unsafe.SliceData(d), count)
	return count
}

func vectorLSTMBack(i, f, g, o, c, t, dh, dc []float32) int {
	count := wholeNEON(len(i))
	lstmBackNEON(unsafe.SliceData(i), unsafe.SliceData(f), unsafe.SliceData(g), unsafe.SliceData(o), unsafe.SliceData(c), unsafe.SliceData(t), unsafe.SliceData(dh), unsafe.SliceData(dc), count)
	return count
}

func vectorGRUBack(r, z, n, dr, dz, du, h, dh []float32) int {
	count := wholeNEON(len(r))
	gruBackNEON(unsafe.SliceData(r), unsafe.SliceData(z), unsafe.SliceData(n), unsafe.SliceData(dr), unsafe.SliceData(dz), unsafe.SliceData(du), unsafe.SliceData(h), unsafe.SliceData(dh), count)
	return count
}
