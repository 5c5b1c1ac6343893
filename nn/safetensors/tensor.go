package safetensors

import (
	"fmt"
	"math"
	"math/bits"
)

// DType is the type of a tensor's elements, as the header writes it.
type DType string

// The element types that this package handles.
const (
	F32  DType = "F32"
	F64  DType = "F64"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// handled lists the element types for errors.
const handled = "F32, F64, F16, BF16, I64, I32, I16, I8, U8 or BOOL"

// Size is the number of bytes in an element, 0 for a type that is not handled.
func (d DType) Size() int {
	switch d {
	case F64, I64:
		return 8
	case F32, I32:
		return 4
	case F16, BF16, I16:
		return 2
	case I8, U8, Bool:
		return 1
	}
	return 0
}

// Floating says whether the elements are floating-point numbers.
func (d DType) Floating() bool { return d == F32 || d == F64 || d == F16 || d == BF16 }

// Tensor is a named array, row-major.
type Tensor struct {
	Name  string
	Shape []int // empty: one element
	Data  any   // a slice as Elements makes it, of as many elements as Shape says
}

// Elements returns a slice of n elements of a type, all zero: []float32, []float64,
// []Float16, []BFloat16, []int64, []int32, []int16, []int8, []byte or []bool. It is
// nil for a type that is not handled.
func Elements(d DType, n int) any {
	switch d {
	case F32:
		return make([]float32, n)
	case F64:
		return make([]float64, n)
	case F16:
		return make([]Float16, n)
	case BF16:
		return make([]BFloat16, n)
	case I64:
		return make([]int64, n)
	case I32:
		return make([]int32, n)
	case I16:
		return make([]int16, n)
	case I8:
		return make([]int8, n)
	case U8:
		return make([]byte, n)
	case Bool:
		return make([]bool, n)
	}
	return nil
}

// DType is the type of the elements of Data, empty for a Go type that is not handled.
func (t Tensor) DType() DType {
	d, _ := t.kind()
	return d
}

// Len is the number of elements of Data.
func (t Tensor) Len() int {
	_, n := t.kind()
	return n
}

func (t Tensor) kind() (DType, int) {
	switch d := t.Data.(type) {
	case []float32:
		return F32, len(d)
	case []float64:
		return F64, len(d)
	case []Float16:
		return F16, len(d)
	case []BFloat16:
		return BF16, len(d)
	case []int64:
		return I64, len(d)
	case []int32:
		return I32, len(d)
	case []int16:
		return I16, len(d)
	case []int8:
		return I8, len(d)
	case []byte:
		return U8, len(d)
	case []bool:
		return Bool, len(d)
	}
	return "", 0
}

// info is what a header says of the tensor, at offset 0.
func (t Tensor) info() Info {
	d, n := t.kind()
	return Info{Name: t.Name, DType: d, Shape: t.Shape, Size: int64(n) * int64(d.Size())}
}

// Check reports a tensor that cannot be written: its type or the size of its data is wrong.
func (t Tensor) Check() error {
	if t.DType() == "" {
		return fmt.Errorf("tensor %s: data is %T, which is no element type of safetensors", quote(t.Name), t.Data)
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
