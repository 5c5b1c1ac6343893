package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Matrix is a row-major view of float32 values: element (i, j) is Data[i*Stride+j].
// The zero Matrix has no rows.
type Matrix struct {
	Data   []float32
	Rows   int
	Cols   int
	Stride int // floats from one row to the next, at least Cols
}

// NewMatrix returns a zeroed matrix of its own, 64-byte aligned, without gaps between rows.
func NewMatrix(rows, cols int) Matrix {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("tensor: NewMatrix(%d, %d): negative size", rows, cols))
	}
	return Matrix{Data: kernel.AlignedSlice(rows * cols), Rows: rows, Cols: cols, Stride: cols}
}

// Of views data, which must hold exactly rows*cols values, as a matrix without gaps.
func Of(data []float32, rows, cols int) Matrix {
	if rows < 0 || cols < 0 || rows*cols != len(data) {
		panic(fmt.Sprintf("tensor: Of: %d values are not a %dx%d matrix", len(data), rows, cols))
	}
	return Matrix{Data: data, Rows: rows, Cols: cols, Stride: cols}
}

// Row returns row i, of length Cols, sharing memory with m.
func (m Matrix) Row(i int) []float32 {
	if uint(i) >= uint(m.Rows) {
		panic(fmt.Sprintf("tensor: row %d of a matrix of %d rows", i, m.Rows))
	}
	at := i * m.Stride
	return m.Data[at : at+m.Cols : at+m.Cols]
}

// Slice returns the view of rows [r0, r1).
func (m Matrix) Slice(r0, r1 int) Matrix {
	if r0 < 0 || r1 < r0 || r1 > m.Rows {
		panic(fmt.Sprintf("tensor: rows [%d, %d) of a matrix of %d rows", r0, r1, m.Rows))
	}
	s := Matrix{Rows: r1 - r0, Cols: m.Cols, Stride: m.Stride}
	if r1 > r0 {
		s.Data = m.Data[r0*m.Stride : (r1-1)*m.Stride+m.Cols]
	}
	return s
}

// Columns returns the view of columns [c0, c1).
func (m Matrix) Columns(c0, c1 int) Matrix {
	if c0 < 0 || c1 < c0 || c1 > m.Cols {
		panic(fmt.Sprintf("tensor: columns [%d, %d) of a matrix of %d columns", c0, c1, m.Cols))
	}
	s := Matrix{Rows: m.Rows, Cols: c1 - c0, Stride: m.Stride}
	if m.Rows > 0 {
		s.Data = m.Data[c0 : (m.Rows-1)*m.Stride+c1]
	}
	return s
}

// check panics unless every element of m lies within Data, so that kernels need not look again.
func (m Matrix) check(op, name string) {
	if m.Rows >= 0 && m.Cols >= 0 && m.Stride >= m.Cols {
		if m.Rows == 0 || m.Cols == 0 {
			return
		}
		if spare := len(m.Data) - m.Cols; spare >= 0 && spare/m.Stride >= m.Rows-1 {
			return
		}
	}
	panic(fmt.Sprintf("tensor: %s: %s is a %dx%d matrix of stride %d over %d values",
		op, name, m.Rows, m.Cols, m.Stride, len(m.Data)))
}

// Blocks is Count groups of Rows consecutive rows of M. Group b starts at row First + b*Step.
//
// The rows of one lane in a time-major activation [steps, lanes, rows] are Blocks with
// First = lane*rows, Count = steps, Rows = rows, Step = lanes*rows. Sums over Blocks take the groups in
// order, and the rows of each group in order.
type Blocks struct {
	M                        Matrix
	First, Count, Rows, Step int

	// Head, unless it has no rows, is one more group of Rows rows, before all of M's: the state that a sequence
	// started from, before its outputs. It has M's columns.
	Head Matrix
}

// AllRows is all of m as one block.
func AllRows(m Matrix) Blocks { return Blocks{M: m, Count: 1, Rows: m.Rows, Step: m.Rows} }

// blocks is the number of groups, Head included.
func (b *Blocks) blocks() int {
	if b.Head.Rows > 0 {
		return b.Count + 1
	}
	return b.Count
}

// row is row r of group g.
func (b *Blocks) row(g, r int) []float32 {
	m, at := &b.M, b.First+g*b.Step+r
	if b.Head.Rows > 0 {
		at -= b.Step
		if g == 0 {
			m, at = &b.Head, r
		}
	}
	return m.Data[at*m.Stride:][:m.Cols]
}

// rows is group g.
func (b *Blocks) rows(g int) Matrix {
	if b.Head.Rows == 0 {
		return b.M.Slice(b.First+g*b.Step, b.First+g*b.Step+b.Rows)
	}
	if g == 0 {
		return b.Head
	}
	return b.M.Slice(b.First+(g-1)*b.Step, b.First+(g-1)*b.Step+b.Rows)
}

// check panics unless every row of b is a row of a sound matrix.
func (b *Blocks) check(op, name string) {
	b.M.check(op, name)
	b.Head.check(op, name)
	headFits := b.Head.Rows == 0 || b.Head.Rows == b.Rows && b.Head.Cols == b.M.Cols
	if headFits && b.First >= 0 && b.Count >= 0 && b.Rows >= 0 && b.Step >= 0 {
		if b.Count == 0 || b.Rows == 0 {
			return
		}
		spare := b.M.Rows - b.First - b.Rows
		if spare >= 0 && (b.Count == 1 || b.Step == 0 || spare/b.Step >= b.Count-1) {
			return
		}
	}
	panic(fmt.Sprintf("tensor: %s: %s takes %d blocks of %d rows from row %d on, step %d, out of %d rows, after a head of %dx%d",
		op, name, b.Count, b.Rows, b.First, b.Step, b.M.Rows, b.Head.Rows, b.Head.Cols))
}

// AlignedSlice returns n zeroed values whose first lies on a 64-byte boundary. Where the system can, it puts large
// pages under many of them.
func AlignedSlice(n int) []float32 { return kernel.AlignedSlice(n) }
