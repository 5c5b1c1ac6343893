//go:build !purego

package kernel

//go:noescape
func acrossFours(row, from *byte, first, factor *int32, groups, n int, spread *[4][32]byte)

//go:noescape
func down32(row, from *byte, stride int, factor *int32, taps, n int, order *[8]int32)

// acrossAVX2 is across for n pixels of three channels, each of so many groups of four taps. It writes one byte more, and
// reads four.
func acrossAVX2(row, from *byte, first, factor *int32, groups, n int) {
	acrossFours(row, from, first, factor, groups, n, &spread)
}

// downAVX2 makes n bytes, a multiple of 32.
func downAVX2(row, from *byte, stride int, factor *int32, taps, n int) {
	down32(row, from, stride, factor, taps, n, &inTurns)
}

// spread are the masks by which acrossFours makes two pixels and their factors of four: each byte of a pixel in four bytes,
// for the taps 0 and 1, and 2 and 3; a factor four times, likewise.
var spread = [4][32]byte{
	spreadPixels(0), spreadPixels(6), spreadFactors(0), spreadFactors(8),
}

func spreadPixels(from byte) (m [32]byte) {
	for i := range m {
		m[i] = 0x80 // a zero
	}
	for tap := range byte(2) {
		for c := range byte(3) {
			m[16*tap+4*c] = from + 3*tap + c
		}
	}
	return m
}

func spreadFactors(from byte) (m [32]byte) {
	for i := range byte(32) {
		m[i] = from + i/16*4 + i%4
	}
	return m
}

// inTurns puts the dwords of two lanes in turns.
var inTurns = [8]int32{0, 4, 1, 5, 2, 6, 3, 7}
