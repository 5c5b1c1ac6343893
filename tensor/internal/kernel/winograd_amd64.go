//go:build !purego

package kernel

import "unsafe"

// The transforms in assembly take the channels that make whole vectors and return how many those are.

func vectorPatch(p *PatchIn) int {
	n := whole(p.N)
	if n > 0 {
		patchAVX2(p, n)
	}
	return n
}

func vectorGradients(p *PatchIn) int {
	n := whole(p.N)
	if n > 0 {
		gradientsAVX2(p, n)
	}
	return n
}

func vectorOutputs(p *PatchOut) int {
	n := whole(p.N)
	if n > 0 {
		outputsAVX2(p, n)
	}
	return n
}

func vectorKernels(dst, src []float32, plane, from, n int) int {
	if n = whole(n); n > 0 {
		kernelsAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), plane, from, n)
	}
	return n
}

func vectorTaps(dst, src []float32, to, plane, n int) int {
	if n = whole(n); n > 0 {
		tapsAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), to, plane, n)
	}
	return n
}

// The next ones take n channels, a positive multiple of 8.

// patchIn.inputs
//
//go:noescape
func patchAVX2(p *PatchIn, n int)

// patchIn.gradients
//
//go:noescape
func gradientsAVX2(p *PatchIn, n int)

// patchOut.outputs
//
//go:noescape
func outputsAVX2(p *PatchOut, n int)

// kernels
//
//go:noescape
func kernelsAVX2(dst, src *float32, plane, from, n int)

// taps
//
//go:noescape
func tapsAVX2(dst, src *float32, to, plane, n int)
