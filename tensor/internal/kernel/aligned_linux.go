package kernel

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a large page on most machines.
const hugePage = 2 << 20

// adviseHuge asks the kernel for large pages under the whole ones of s: with small ones, whoever goes through
// matrices by columns, or through several at once, waits for address translation. A refusal changes nothing.
func adviseHuge(s []float32) {
	if len(s) < 2*hugePage/4 {
		return
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	skip := (hugePage - at%hugePage) % hugePage
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s))[skip:]
	_ = syscall.Madvise(bytes[:len(bytes)/hugePage*hugePage], syscall.MADV_HUGEPAGE)
}
