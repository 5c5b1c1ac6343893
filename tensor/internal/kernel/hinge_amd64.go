//go:build !purego

package kernel

import "unsafe"

// The functions of hinge.go. As in vector_amd64.go they return how many values they computed.

func vectorLeakyReLU(dst, src []float32, slope float32) int {
	n := whole(len(dst))
	if n > 0 {
		leakyReLUAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), slope, n)
	}
	return n
}

func vectorLeakyReLUBack(dx, dy, x []float32, slope float32) int {
	n := whole(len(dx))
	if n > 0 {
		leakyReLUBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), slope, n)
	}
	return n
}

func vectorHardSigmoid(dst, src []float32) int {
	n := whole(len(dst))
	if n > 0 {
		hardSigmoidAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

func vectorHardSigmoidBack(dx, dy, x []float32) int {
	n := whole(len(dx))
	if n > 0 {
		hardSigmoidBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), n)
	}
	return n
}

func vectorHardSwish(dst, src []float32) int {
	n := whole(len(dst))
	if n > 0 {
		hardSwishAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

func vectorHardSwishBack(dx, dy, x []float32) int {
	n := whole(len(dx))
	if n > 0 {
		hardSwishBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), n)
	}
	return n
}

// The loops of hinge.go for n values, n a multiple of 8.

// LeakyReLU
//
//go:noescape
func leakyReLUAVX2(dst, src *float32, slope float32, n int)

// LeakyReLUBack
//
//go:noescape
func leakyReLUBackAVX2(dx, dy, x *float32, slope float32, n int)

// HardSigmoid
//
//go:noescape
func hardSigmoidAVX2(dst, src *float32, n int)

// HardSigmoidBack
//
//go:noescape
func hardSigmoidBackAVX2(dx, dy, x *float32, n int)

// HardSwish
//
//go:noescape
func hardSwishAVX2(dst, src *float32, n int)

// HardSwishBack
//
//go:noescape
func hardSwishBackAVX2(dx, dy, x *float32, n int)
