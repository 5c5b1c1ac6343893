package tensor

import "fmt"

// ColumnSumAdd adds the rows of a to dst one after another, in the order of the blocks:
//
//	dst[j] += a[0][j], then += a[1][j], ...
//
// This is the gradient of a bias. len(dst) must be a.M.Cols, and dst may not overlap a.
func (p *Pool) ColumnSumAdd(dst []float32, a Blocks) {
	a.check("ColumnSumAdd", "a")
	if len(dst) != a.M.Cols {
		panic(fmt.Sprintf("tensor: ColumnSumAdd: %d sums of %d columns", len(dst), a.M.Cols))
	}
	if len(dst) == 0 {
		return
	}
	job := call{do: doColumnSums, dst: dst, a: a}
	job.share(p, len(dst), a.blocks()*a.Rows)
}

func columnSums(k *call, lo, hi int) {
	dst := k.dst[lo:hi]
	if len(dst) < 8 {
		narrowSums(dst, k.a, lo)
		return
	}
	for g := range k.a.blocks() {
		for r := range k.a.Rows {
			Add(dst, dst, k.a.row(g, r)[lo:hi])
		}
	}
}

// narrowSums is columnSums of less than a vector, where a call for every row would cost more than it computes.
func narrowSums(dst []float32, a Blocks, lo int) {
	var sums [8]float32
	n := copy(sums[:], dst)
	for g := range a.blocks() {
		for r := range a.Rows {
			for j, v := range a.row(g, r)[lo:][:n] {
				sums[j&7] += v
			}
		}
	}
	copy(dst, sums[:])
}

// BroadcastRows sets every row of dst to row, which has dst.Cols values: the start of a product with bias.
func BroadcastRows(dst Matrix, row []float32) {
	dst.check("BroadcastRows", "dst")
	if len(row) != dst.Cols {
		panic(fmt.Sprintf("tensor: BroadcastRows: a row of %d values for %d columns", len(row), dst.Cols))
	}
	dst.set(row)
}

// set sets every row to row, or to zeros if that is nil.
func (m Matrix) set(row []float32) {
	if m.Cols == 0 {
		return
	}
	for i := range m.Rows {
		if to := m.Data[i*m.Stride:][:m.Cols]; row == nil {
			clear(to)
		} else {
			copy(to, row)
		}
	}
}
