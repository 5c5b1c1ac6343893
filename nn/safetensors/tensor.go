package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// DType is the type of a tensor's elements, as the header writes it.
type DType string

// The element types that this package handles.
const (
	F32 DType = "F32"
	F64 DType = "F64"
	I64 DType = "I64"
	U8  DType = "U8"
)

// Size is the number of bytes in an element, 0 for a type that is not handled.
func (d DType) Size() int {
	switch d {
	case F32:
		return 4
	case F64, I64:
		return 8
	case U8:
		return 1
	}
	return 0
}

// Tensor is a named array, row-major.
type Tensor struct {
	Name  string
	Shape []int // empty: one element
	Data  any   // []float32, []float64, []int64 or []byte, as many elements as Shape says
}

// DType is the type of the elements of Data, empty for a Go type that is not handled.
func (t Tensor) DType() DType {
	switch t.Data.(type) {
	case []float32:
		return F32
	case []float64:
		return F64
	case []int64:
		return I64
	case []byte:
		return U8
	}
	return ""
}

// Len is the number of elements of Data.
func (t Tensor) Len() int {
	switch d := t.Data.(type) {
	case []float32:
		return len(d)
	case []float64:
		return len(d)
	case []int64:
		return len(d)
	case []byte:
		return len(d)
	}
	return 0
}

// Check reports a tensor that cannot be written: its type or the size of its data is wrong.
func (t Tensor) Check() error {
	if t.DType() == "" {
		return fmt.Errorf("tensor %s: data is %T, want []float32, []float64, []int64 or []byte", quote(t.Name), t.Data)
	}
	n, ok := count(t.Shape)
	if !ok || n != t.Len() {
		return fmt.Errorf("tensor %s: shape %v does not fit its %d elements", quote(t.Name), t.Shape, t.Len())
	}
	return nil
}

// count is the product of a shape. It is false for a negative extent and for a product beyond an int.
func count(shape []int) (int, bool) {
	n := uint64(1)
	for _, extent := range shape {
		if extent < 0 {
			return 0, false
		}
		high, low := bits.Mul64(n, uint64(extent))
		if high != 0 || low > math.MaxInt {
			return 0, false
		}
		n = low
	}
	return int(n), true
}

// chunk is the number of bytes converted at once.
const chunk = 64 << 10

// WriteData writes the elements as they stand in a file: row-major, little-endian.
func (t Tensor) WriteData(w io.Writer) error {
	switch d := t.Data.(type) {
	case []float32:
		return writeAll(w, d, 4, func(b []byte, x float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(x)) })
	case []float64:
		return writeAll(w, d, 8, func(b []byte, x float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(x)) })
	case []int64:
		return writeAll(w, d, 8, func(b []byte, x int64) { binary.LittleEndian.PutUint64(b, uint64(x)) })
	case []byte:
		_, err := w.Write(d)
		return err
	}
	return t.Check()
}

// writeAll writes data a chunk at a time, each element converted by put to size bytes.
func writeAll[E any](w io.Writer, data []E, size int, put func([]byte, E)) error {
	buf := make([]byte, 0, min(chunk, len(data)*size))
	for len(data) > 0 {
		n := min(len(data), chunk/size)
		buf = buf[:n*size]
		for i, x := range data[:n] {
			put(buf[i*size:], x)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
