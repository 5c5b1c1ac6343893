package kernel

import "unsafe"

// alignment is a cache line, and the widest vector register.
const alignment = 64

// AlignedSlice returns n zeroed values whose first lies on a 64-byte boundary. Where the kernel can, it puts large
// pages under many of them.
func AlignedSlice(n int) []float32 {
	const spare = alignment/4 - 1
	s := make([]float32, n+spare)
	adviseHuge(s)
	at := 0
	if past := uintptr(unsafe.Pointer(unsafe.SliceData(s))) % alignment; past != 0 {
		at = int(alignment-past) / 4
	}
	return s[at : at+n : at+n]
}
