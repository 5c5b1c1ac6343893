//go:build !purego

package allreduce

import (
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// useAVX2 picks the kernels. Their bits are the same either way.
var useAVX2 = cpu.X86.HasAVX2 && os.Getenv("RONDO_TIER") != "go"

//go:noescape
func add1AVX2(dst, s, a *float32, n int)

//go:noescape
func add2AVX2(dst, s, a, b *float32, n int)

//go:noescape
func add4AVX2(dst, s, a, b, c, d *float32, n int)

//go:noescape
func roundAddAVX2(dst, s, a *float32, n int)

//go:noescape
func roundAVX2(dst, s *float32, n int)

//go:noescape
func packAVX2(dst *uint16, s *float32, n int)

//go:noescape
func unpackAVX2(dst *float32, s *uint16, n int)

//go:noescape
func streamAVX2(dst, s *float32, n int)

//go:noescape
func tallyAddAVX2(dst, s, a *float32, sums *[6]uint32)

// tallyAdd is for tallyBlock numbers. Every processor with AVX2 takes CRC-32C.
func tallyAdd(dst, s, a []float32, sums *[6]uint32) {
	if !useAVX2 {
		tallyAddGo(dst, s, a, sums)
		return
	}
	dst, s, a = dst[:tallyBlock], s[:tallyBlock], a[:tallyBlock]
	tallyAddAVX2(&dst[0], &s[0], &a[0], sums)
}

// stream is copy(dst, s) past the caches, for what is not read soon.
func stream(dst, s []float32) {
	s = s[:len(dst)]
	if useAVX2 && len(dst) >= 64 {
		head := int(-uintptr(unsafe.Pointer(&dst[0])) & 31 / 4)
		copy(dst[:head], s)
		n := (len(dst) - head) &^ 31
		streamAVX2(&dst[head], &s[head], n)
		dst, s = dst[head+n:], s[head+n:]
	}
	copy(dst, s)
}

// vector is the part of n numbers that a kernel takes; the loops take the rest.
func vector(n int) int {
	if !useAVX2 {
		return 0
	}
	return n &^ 7
}

func add1(dst, s, a []float32) {
	n := vector(len(dst))
	if n > 0 {
		s, a = s[:len(dst)], a[:len(dst)]
		add1AVX2(&dst[0], &s[0], &a[0], n)
	}
	add1Go(dst[n:], s[n:], a[n:])
}

func add2(dst, s, a, b []float32) {
	n := vector(len(dst))
	if n > 0 {
		s, a, b = s[:len(dst)], a[:len(dst)], b[:len(dst)]
		add2AVX2(&dst[0], &s[0], &a[0], &b[0], n)
	}
	add2Go(dst[n:], s[n:], a[n:], b[n:])
}

func add4(dst, s, a, b, c, d []float32) {
	n := vector(len(dst))
	if n > 0 {
		s, a, b, c, d = s[:len(dst)], a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
		add4AVX2(&dst[0], &s[0], &a[0], &b[0], &c[0], &d[0], n)
	}
	add4Go(dst[n:], s[n:], a[n:], b[n:], c[n:], d[n:])
}

func roundAdd(dst, s, a []float32) {
	n := vector(len(dst))
	if n > 0 {
		s, a = s[:len(dst)], a[:len(dst)]
		roundAddAVX2(&dst[0], &s[0], &a[0], n)
	}
	roundAddGo(dst[n:], s[n:], a[n:])
}

func round(dst, s []float32) {
	n := vector(len(dst))
	if n > 0 {
		s = s[:len(dst)]
		roundAVX2(&dst[0], &s[0], n)
	}
	roundGo(dst[n:], s[n:])
}

func pack(dst []uint16, s []float32) {
	n := vector(len(dst))
	if n > 0 {
		s = s[:len(dst)]
		packAVX2(&dst[0], &s[0], n)
	}
	packGo(dst[n:], s[n:])
}

func unpack(dst []float32, s []uint16) {
	n := vector(len(dst))
	if n > 0 {
		s = s[:len(dst)]
		unpackAVX2(&dst[0], &s[0], n)
	}
	unpackGo(dst[n:], s[n:])
}
