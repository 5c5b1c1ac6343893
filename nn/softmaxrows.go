package nn

import "github.com/rondo-ml/rondo/tensor"

// softmaxRows is the most rows that expRows takes at a time.
const softmaxRows = 32

// rowsAtOnce is how many rows of n columns expRows best takes at a time: some 4 KiB
// of each matrix, so that what one pass writes is still at hand in the next.
func rowsAtOnce(n int) int { return max(1, min(softmaxRows, 1024/n)) }

// fewColumns is below what a loop of scalars takes less time than the call of a kernel.
const fewColumns = 16

// expRows sets exps to exp(x - top) for rows of equal length, and tops to the
// largest value of each: NaN where one is NaN.
func expRows(exps, tops, x []float32) {
	n := len(x) / len(tops)
	if n == 2 {
		differences(exps, tops, x)
		tensor.Exp(exps, exps)
		return
	}
	for i := range tops {
		row, e := x[i*n:(i+1)*n], exps[i*n:(i+1)*n]
		if n >= fewColumns {
			tops[i] = tensor.Maximum(row)
			tensor.SubtractFrom(e, row, tops[i])
			continue
		}
		top := row[0]
		for _, v := range row[1:] {
			top = max(top, v)
		}
		for j, v := range row {
			e[j] = v - top
		}
		tops[i] = top
	}
	tensor.Exp(exps, exps)
}

// differences sets exps to x - top, and tops, for rows of two columns.
func differences(exps, tops, x []float32) {
	for i := range tops {
		row, e := x[2*i:][:2:2], exps[2*i:][:2:2]
		top := max(row[0], row[1])
		e[0], e[1], tops[i] = row[0]-top, row[1]-top, top
	}
}

// sumRows sets sums to those of rows of equal length, by sumOf, and wide to the same.
func sumRows(sums []float32, wide []float64, x []float32) {
	n := len(x) / len(sums)
	if n == 2 {
		for i := range sums {
			s := x[2*i] + x[2*i+1]
			sums[i], wide[i] = s, float64(s)
		}
		return
	}
	for i := range sums {
		s := sumOf(x[i*n : (i+1)*n])
		sums[i], wide[i] = s, float64(s)
	}
}

// setOrAdd sets d to alpha·x, or adds that to it where it is not fresh.
func setOrAdd(d []float32, alpha float32, x []float32, fresh bool) {
	switch {
	case fresh && len(d) < fewColumns:
		for j, v := range x {
			d[j] = alpha * v
		}
	case fresh:
		tensor.Scale(d, x, alpha)
	default:
		tensor.Axpy(d, alpha, x)
	}
}

// sumOf adds up four interleaved chains, so that additions overlap.
func sumOf(x []float32) float32 {
	var a, b, c, d float32
	for len(x) >= 4 {
		a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}
