package allreduce

// Fold writes the sum of all lanes to out: the plain loop that says what every
// worker's result must be, bit for bit. Chunk c is folded in lane order c, c+1,
// …, L−1, 0, …, c−1, one addition a lane. Every lane has the length of out.
func Fold(out []float32, lanes [][]float32) {
	l := len(lanes)
	for c := range l {
		lo, hi := chunkRange(len(out), l, c)
		for i := lo; i < hi; i++ {
			sum := lanes[c][i]
			for k := 1; k < l; k++ {
				sum += lanes[(c+k)%l][i]
			}
			out[i] = sum
		}
	}
}

// chunkRange is the part [lo, hi) of a bucket of n numbers that chunk c of l is.
func chunkRange(n, l, c int) (lo, hi int) {
	at := func(c int) int { return int(int64(n)/int64(l)*int64(c) + int64(n)%int64(l)*int64(c)/int64(l)) }
	return at(c), at(c + 1)
}

// foldBlock keeps the block that is summed over and over in the first cache.
const foldBlock = 2048

// addLanes sets dst[i] = src[i] + lanes[0][at+i] + lanes[1][at+i] + …, one
// addition a lane, in order. dst may be src; it may not overlap a lane.
func addLanes(dst, src []float32, lanes [][]float32, at int) {
	if len(lanes) == 0 {
		if len(dst) > 0 && &dst[0] != &src[0] {
			copy(dst, src)
		}
		return
	}
	for lo := 0; lo < len(dst); lo += foldBlock {
		hi := min(lo+foldBlock, len(dst))
		d, s, rest := dst[lo:hi], src[lo:hi], lanes
		for ; len(rest) >= 4; rest = rest[4:] {
			add4(d, s, rest[0][at+lo:at+hi], rest[1][at+lo:at+hi], rest[2][at+lo:at+hi], rest[3][at+lo:at+hi])
			s = d
		}
		if len(rest) >= 2 {
			add2(d, s, rest[0][at+lo:at+hi], rest[1][at+lo:at+hi])
			s, rest = d, rest[2:]
		}
		if len(rest) == 1 {
			add1(d, s, rest[0][at+lo:at+hi])
		}
	}
}

// add1Go is dst[i] = s[i] + a[i].
func add1Go(dst, s, a []float32) {
	s, a = s[:len(dst)], a[:len(dst)]
	for i := range dst {
		dst[i] = s[i] + a[i]
	}
}

// add2Go is dst[i] = (s[i] + a[i]) + b[i].
func add2Go(dst, s, a, b []float32) {
	s, a, b = s[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = (s[i] + a[i]) + b[i]
	}
}

// add4Go is dst[i] = (((s[i] + a[i]) + b[i]) + c[i]) + d[i].
func add4Go(dst, s, a, b, c, d []float32) {
	s, a, b, c, d = s[:len(dst)], a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
	for i := range dst {
		dst[i] = (((s[i] + a[i]) + b[i]) + c[i]) + d[i]
	}
}
