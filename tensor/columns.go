package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

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
	units := (len(dst) + sumColumns - 1) / sumColumns
	job := call{do: doColumnSums, dst: dst, a: a}
	job.share(p, units, sumColumns*a.blocks()*a.Rows)
}

const (
	sumColumns = 8  // columns that one goroutine sums at least
	fewSums    = 32 // so many sums stay in registers, eight at a time, while their rows go by
)

// columnSums sums units [lo, hi), of sumColumns each.
func columnSums(k *call, lo, hi int) {
	lo, hi = lo*sumColumns, min(hi*sumColumns, len(k.dst))
	dst := k.dst[lo:hi]
	for g := range k.a.blocks() {
		if k.a.Rows > 0 && len(dst) <= fewSums {
			rows := k.a.rows(g)
			for j := 0; j < len(dst); j += 8 {
				kernel.AddRows(dst[j:min(j+8, len(dst))], rows.Data[lo+j:], rows.Rows, rows.Stride)
			}
			continue
		}
		for r := range k.a.Rows {
			kernel.Add(dst, dst, k.a.row(g, r)[lo:hi])
		}
	}
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
	if row == nil && m.Stride == m.Cols {
		clear(m.Data[:m.Rows*m.Cols])
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
