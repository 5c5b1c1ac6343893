//go:build !purego

package kernel

//go:noescape
func rgbPairs32(row, luma, cb, cr *byte, n int, t *rgbTables)

//go:noescape
func rgbEach32(row, luma, cb, cr *byte, n int, t *rgbTables)

// rgbAVX2 is rgbPairs or rgbEach for n pixels, a multiple of 32.
func rgbAVX2(row, luma, cb, cr *byte, n int, pairs bool) {
	if pairs {
		rgbPairs32(row, luma, cb, cr, n, &rgbTable)
	} else {
		rgbEach32(row, luma, cb, cr, n, &rgbTable)
	}
}

// rgbTables is what the kernels read. The factors are what is left of those of rgb.go after whole multiples of 1<<16, so that
// they fit words; those of green stand in pairs, for cb and cr.
type rgbTables struct {
	zero, red, blue, green [16]int16
	half                   [8]int32    // makes a shift by 16 round
	weave                  [9][32]byte // by which 16 reds, greens and blues become 48 bytes: for each 16 of these, one a colour
}

var rgbTable = rgbTables{
	zero: twice8(128, 128), red: twice8(redCr-1<<16, redCr-1<<16), blue: twice8(blueCb-2<<16, blueCb-2<<16),
	green: twice8(-greenCb, 1<<16-greenCr), half: eight(1 << 15), weave: weaving(),
}

func twice8(even, odd int16) (w [16]int16) {
	for i := 0; i < len(w); i += 2 {
		w[i], w[i+1] = even, odd
	}
	return w
}

func weaving() (masks [9][32]byte) {
	for part := range 3 {
		for colour := range 3 {
			m := &masks[3*part+colour]
			for i := range m {
				at := 16*part + i%16
				m[i] = 0x80 // a zero
				if at%3 == colour {
					m[i] = byte(at / 3)
				}
			}
		}
	}
	return masks
}
