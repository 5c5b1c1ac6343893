package allreduce

import "math"

// bfloat16 is the upper half of a float32. A sum that travels in it is rounded
// after each addition, whether or not the next lane is on the same worker, and
// kept as a float32 whose lower half is zero in between.

// roundOne is the bfloat16 nearest to v, ties to even. What is not a number
// stays one.
func roundOne(v float32) float32 {
	u := math.Float32bits(v)
	if v != v {
		return math.Float32frombits((u | 1<<22) &^ 0xffff)
	}
	return math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
}

// roundAddGo is dst[i] = round(s[i] + a[i]).
func roundAddGo(dst, s, a []float32) {
	s, a = s[:len(dst)], a[:len(dst)]
	for i := range dst {
		dst[i] = roundOne(s[i] + a[i])
	}
}

// roundGo is dst[i] = round(s[i]).
func roundGo(dst, s []float32) {
	s = s[:len(dst)]
	for i := range dst {
		dst[i] = roundOne(s[i])
	}
}

// packGo keeps the upper halves of s.
func packGo(dst []uint16, s []float32) {
	s = s[:len(dst)]
	for i := range dst {
		dst[i] = uint16(math.Float32bits(s[i]) >> 16)
	}
}

// unpackGo makes float32s of upper halves.
func unpackGo(dst []float32, s []uint16) {
	s = s[:len(dst)]
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(s[i]) << 16)
	}
}

// FoldBFloat16 is [Fold] for sums that travel in bfloat16: the plain loop that
// says what every worker's result must be.
func FoldBFloat16(out []float32, lanes [][]float32) {
	l := len(lanes)
	for c := range l {
		lo, hi := chunkRange(len(out), l, c)
		for i := lo; i < hi; i++ {
			sum := roundOne(lanes[c][i])
			for k := 1; k < l; k++ {
				sum = roundOne(sum + lanes[(c+k)%l][i])
			}
			out[i] = sum
		}
	}
}
