package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync"
)

// chunks are what elements are converted in: a network has hundreds of tensors.
var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// little is the order of bytes in a file.
var little = binary.LittleEndian

// WriteData writes the elements as they stand in a file: row-major, little-endian.
func (t Tensor) WriteData(w io.Writer) error {
	switch d := t.Data.(type) {
	case []float32:
		return writeAll(w, d, 4, putFloats)
	case []float64:
		return writeAll(w, d, 8, each(8, func(b []byte, x float64) { little.PutUint64(b, math.Float64bits(x)) }))
	case []Float16:
		return writeAll(w, d, 2, each(2, func(b []byte, x Float16) { little.PutUint16(b, uint16(x)) }))
	case []BFloat16:
		return writeAll(w, d, 2, each(2, func(b []byte, x BFloat16) { little.PutUint16(b, uint16(x)) }))
	case []int64:
		return writeAll(w, d, 8, each(8, func(b []byte, x int64) { little.PutUint64(b, uint64(x)) }))
	case []int32:
		return writeAll(w, d, 4, each(4, func(b []byte, x int32) { little.PutUint32(b, uint32(x)) }))
	case []int16:
		return writeAll(w, d, 2, each(2, func(b []byte, x int16) { little.PutUint16(b, uint16(x)) }))
	case []int8:
		return writeAll(w, d, 1, each(1, func(b []byte, x int8) { b[0] = byte(x) }))
	case []bool:
		return writeAll(w, d, 1, each(1, func(b []byte, x bool) {
			b[0] = 0
			if x {
				b[0] = 1
			}
		}))
	case []byte:
		_, err := w.Write(d)
		return err
	}
	return t.Check()
}

// putFloats and getFloats are the conversions of what checkpoints are made of: of each and eachOf they would take twice as long.
func putFloats(b []byte, data []float32) {
	for i, x := range data {
		little.PutUint32(b[4*i:], math.Float32bits(x))
	}
}

func getFloats(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(little.Uint32(b[4*i:]))
	}
}

// each converts elements to size bytes each by put.
func each[E any](size int, put func([]byte, E)) func([]byte, []E) {
	return func(b []byte, data []E) {
		for i, x := range data {
			put(b[i*size:], x)
		}
	}
}

// eachOf converts size bytes each to an element by get.
func eachOf[E any](size int, get func([]byte) E) func([]E, []byte) {
	return func(dst []E, b []byte) {
		for i := range dst {
			dst[i] = get(b[i*size:])
		}
	}
}

// writeAll writes data a chunk at a time, converted by put to size bytes an element.
func writeAll[E any](w io.Writer, data []E, size int, put func([]byte, []E)) error {
	buf := chunks.Get().(*[chunk]byte)
	defer chunks.Put(buf)
	for len(data) > 0 {
		n := min(len(data), chunk/size)
		put(buf[:n*size], data[:n])
		if _, err := w.Write(buf[:n*size]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// ReadData reads all elements of Data from bytes as they stand in a file: row-major,
// little-endian. It is WriteData's other direction.
func (t Tensor) ReadData(r io.Reader) error {
	switch d := t.Data.(type) {
	case []float32:
		return readAll(r, d, 4, getFloats)
	case []float64:
		return readAll(r, d, 8, eachOf(8, func(b []byte) float64 { return math.Float64frombits(little.Uint64(b)) }))
	case []Float16:
		return readAll(r, d, 2, eachOf(2, func(b []byte) Float16 { return Float16(little.Uint16(b)) }))
	case []BFloat16:
		return readAll(r, d, 2, eachOf(2, func(b []byte) BFloat16 { return BFloat16(little.Uint16(b)) }))
	case []int64:
		return readAll(r, d, 8, eachOf(8, func(b []byte) int64 { return int64(little.Uint64(b)) }))
	case []int32:
		return readAll(r, d, 4, eachOf(4, func(b []byte) int32 { return int32(little.Uint32(b)) }))
	case []int16:
		return readAll(r, d, 2, eachOf(2, func(b []byte) int16 { return int16(little.Uint16(b)) }))
	case []int8:
		return readAll(r, d, 1, eachOf(1, func(b []byte) int8 { return int8(b[0]) }))
	case []bool:
		return readAll(r, d, 1, eachOf(1, func(b []byte) bool { return b[0] != 0 }))
	case []byte:
		_, err := io.ReadFull(r, d)
		return err
	}
	return t.Check()
}

// readAll reads dst a chunk at a time, converted by get from size bytes an element.
func readAll[E any](r io.Reader, dst []E, size int, get func([]E, []byte)) error {
	buf := chunks.Get().(*[chunk]byte)
	defer chunks.Put(buf)
	for len(dst) > 0 {
		n := min(len(dst), chunk/size)
		if _, err := io.ReadFull(r, buf[:n*size]); err != nil {
			return err
		}
		get(dst[:n], buf[:n*size])
		dst = dst[n:]
	}
	return nil
}

// At is element i as a float64: of an I64 beyond 2⁵³ the nearest, of a BOOL 0 or 1. It
// panics when i is out of range or the Go type of Data is not handled.
func (t Tensor) At(i int) float64 {
	switch d := t.Data.(type) {
	case []float32:
		return float64(d[i])
	case []float64:
		return d[i]
	case []Float16:
		return float64(d[i].Float32())
	case []BFloat16:
		return float64(d[i].Float32())
	case []int64:
		return float64(d[i])
	case []int32:
		return float64(d[i])
	case []int16:
		return float64(d[i])
	case []int8:
		return float64(d[i])
	case []byte:
		return float64(d[i])
	case []bool:
		if d[i] {
			return 1
		}
		return 0
	}
	panic(fmt.Sprintf("safetensors: tensor %s: data is %T", quote(t.Name), t.Data))
}

// As returns the tensor with elements of another floating type, each the nearest one,
// ties to even; what is too large becomes infinite. It is the tensor itself where the
// type is the same already, and an error unless both types are floating.
func (t Tensor) As(d DType) (Tensor, error) {
	from := t.DType()
	switch {
	case from == d:
		return t, nil
	case !from.Floating() || !d.Floating():
		return t, fmt.Errorf("tensor %s: no conversion from %s to %s", quote(t.Name), from, d)
	}
	n := t.Len()
	out := Tensor{Name: t.Name, Shape: t.Shape, Data: Elements(d, n)}
	for i := range n {
		x := t.At(i)
		switch dst := out.Data.(type) {
		case []float32:
			dst[i] = float32(x)
		case []float64:
			dst[i] = x
		case []Float16:
			dst[i] = ToFloat16(x)
		case []BFloat16:
			dst[i] = ToBFloat16(x)
		}
	}
	return out, nil
}
