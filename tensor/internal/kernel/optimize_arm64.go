//go:build !purego

package kernel

import "unsafe"

func vectorSGD(p, m, g []float32, lr, momentum, decay float32) int {
	n := wholeNEON(len(p))
	if n == 0 || momentum == 0 {
		return 0
	}
	sgdNEON(unsafe.SliceData(p), unsafe.SliceData(m), unsafe.SliceData(g), n, lr, momentum, decay, decay != 0)
	return n
}

func vectorAdam(p, m, v, g []float32, c *AdamCoeffs) int {
	n := wholeNEON(len(p))
	if n == 0 {
		return 0
	}
	adamNEON(unsafe.SliceData(p), unsafe.SliceData(m), unsafe.SliceData(v), unsafe.SliceData(g), n, c, c.Decay != 0)
	return n
}

// SGDStep for n > 0, with momentum; decays tells whether decay is not zero.
//
//go:noescape
func sgdNEON(p, m, grad *float32, n int, lr, momentum, decay float32, decays bool)

// AdamStep for n > 0; decays tells whether c.Decay is not zero.
//
//go:noescape
func adamNEON(p, m, v, grad *float32, n int, c *AdamCoeffs, decays bool)
