//go:build !purego

package tensor

import "golang.org/x/sys/cpu"

// available tells whether processor and operating system carry t.
func available(t tier) bool {
	switch x := &cpu.X86; t {
	case tierGo:
		return true
	case tierAVX2:
		return x.HasAVX2 && x.HasFMA
	case tierAVX512:
		return x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA
	}
	return false
}

// run computes the tile.
func (t *tile) run(on tier) {
	switch on {
	case tierAVX512:
		tileAVX512(t)
	case tierAVX2:
		tileAVX2(t)
	default:
		_, cols := on.shape()
		t.runGo(cols)
	}
}

// tileAVX512 is runGo(32) for m up to 8.
//
//go:noescape
func tileAVX512(t *tile)

// tileAVX2 is runGo(16) for m up to 6.
//
//go:noescape
func tileAVX2(t *tile)

// ceiling runs n rounds of the register-only loop.
func ceiling(on tier, n int) {
	switch on {
	case tierAVX512:
		ceilingAVX512(n)
	case tierAVX2:
		ceilingAVX2(n)
	default:
		ceilingGo(n)
	}
}

// ceilingAVX512 is n rounds of ceilingChains multiply-adds of 16 values.
//
//go:noescape
func ceilingAVX512(n int)

// ceilingAVX2 is n rounds of ceilingChains multiply-adds of 8 values.
//
//go:noescape
func ceilingAVX2(n int)
