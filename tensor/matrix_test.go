package tensor

import (
	"math"
	"testing"
	"unsafe"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func TestMatrixViews(t *testing.T) {
	m := NewMatrix(4, 6)
	for i := range m.Data {
		m.Data[i] = float32(i)
	}
	v := m.Slice(1, 4).Columns(2, 5)
	if v.Rows != 3 || v.Cols != 3 || v.Stride != 6 {
		t.Fatalf("view %dx%d of stride %d", v.Rows, v.Cols, v.Stride)
	}
	for i := range v.Rows {
		for j, x := range v.Row(i) {
			if want := float32((i+1)*6 + j + 2); x != want {
				t.Errorf("element (%d, %d) is %v, want %v", i, j, x, want)
			}
		}
	}
	if row := v.Row(2); cap(row) != 3 {
		t.Errorf("a row has room for %d values", cap(row))
	}
	v.check("test", "v")
	m.Slice(4, 4).check("test", "no rows")
	m.Columns(6, 6).check("test", "no columns")
	Matrix{}.check("test", "nothing")
	m.Slice(2, 2).Columns(1, 3).check("test", "columns of no rows")
}

func TestMatrixMisuse(t *testing.T) {
	m := NewMatrix(2, 3)
	kerneltest.MustPanic(t, "NewMatrix(-1, 2)", func() { NewMatrix(-1, 2) })
	kerneltest.MustPanic(t, "Of of another size", func() { Of(make([]float32, 5), 2, 3) })
	kerneltest.MustPanic(t, "row 2 of 2", func() { m.Row(2) })
	kerneltest.MustPanic(t, "row -1", func() { m.Row(-1) })
	kerneltest.MustPanic(t, "rows [1, 3) of 2", func() { m.Slice(1, 3) })
	kerneltest.MustPanic(t, "rows [2, 1)", func() { m.Slice(2, 1) })
	kerneltest.MustPanic(t, "columns [0, 4) of 3", func() { m.Columns(0, 4) })
	for what, bad := range map[string]Matrix{
		"stride below columns": {Data: make([]float32, 100), Rows: 2, Cols: 5, Stride: 4},
		"negative rows":        {Data: make([]float32, 100), Rows: -2, Cols: 5, Stride: 5},
		"one value short":      {Data: make([]float32, 9), Rows: 2, Cols: 5, Stride: 5},
		"an enormous stride":   {Data: make([]float32, 9), Rows: 3, Cols: 5, Stride: math.MaxInt},
	} {
		kerneltest.MustPanic(t, what, func() { bad.check("test", "bad") })
	}
}

func TestAlignedSlice(t *testing.T) {
	sizes := []int{1 << 20, 3<<20 + 5} // of large pages
	for n := range 100 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		s := AlignedSlice(n)
		for i, v := range s {
			if v != 0 {
				t.Fatalf("AlignedSlice(%d) has %v at %d", n, v, i)
			}
			s[i] = 1
		}
		if len(s) != n || cap(s) != n {
			t.Fatalf("AlignedSlice(%d) has length %d, capacity %d", n, len(s), cap(s))
		}
		if at := uintptr(unsafe.Pointer(unsafe.SliceData(s))); n > 0 && at%64 != 0 {
			t.Fatalf("AlignedSlice(%d) lies at %x", n, at)
		}
	}
}
