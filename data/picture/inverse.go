package picture

import "github.com/rondo-ml/rondo/data/picture/internal/kernel"

// zigzag is the place in a block, row by row, of each coefficient in the order of the file.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// flat fills 8×8 pixels with the mean alone.
func flat(pix []byte, stride int, dc int32) {
	v := kernel.Clip((dc+4)>>3 + 128)
	fill := uint64(v) * 0x0101010101010101
	for y := range 8 {
		putEight(pix[y*stride:], fill)
	}
}

func putEight(row []byte, v uint64) {
	_ = row[7]
	row[0], row[1], row[2], row[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	row[4], row[5], row[6], row[7] = byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56)
}
