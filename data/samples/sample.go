package samples

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Value is one part of one sample.
type Value struct {
	Shape []int
	Data  []byte // elements, little-endian, the last index fastest
}

// Sample is the parts of one sample, in the order of the schema.
type Sample []Value

// Text is a value of text.
func Text(s string) Value { return Value{Shape: []int{len(s)}, Data: []byte(s)} }

// Class is a value that numbers a class.
func Class(n int) Value {
	return Value{Shape: []int{}, Data: binary.LittleEndian.AppendUint32(nil, uint32(int32(n)))}
}

// Float32s is a value of numbers, of one dimension.
func Float32s(x []float32) Value {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return Value{Shape: []int{len(x)}, Data: b}
}

// Classes is a value that numbers classes or symbols, of one dimension.
func Classes(numbers []int32) Value {
	b := make([]byte, 0, 4*len(numbers))
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return Value{Shape: []int{len(numbers)}, Data: b}
}

// Int32s reads the value as int32 elements.
func (v Value) Int32s() []int32 {
	x := make([]int32, len(v.Data)/4)
	for i := range x {
		x[i] = int32(binary.LittleEndian.Uint32(v.Data[4*i:]))
	}
	return x
}

// Int16s reads the value as int16 elements.
func (v Value) Int16s() []int16 {
	x := make([]int16, len(v.Data)/2)
	for i := range x {
		x[i] = int16(binary.LittleEndian.Uint16(v.Data[2*i:]))
	}
	return x
}

// Float32s reads the value as float32 elements.
func (v Value) Float32s() []float32 {
	x := make([]float32, len(v.Data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(v.Data[4*i:]))
	}
	return x
}

// encode appends the record of a sample to dst.
func (s Schema) encodeSample(dst []byte, sample Sample) ([]byte, error) {
	if err := s.fits(sample); err != nil {
		return nil, err
	}
	for i, p := range s.Parts {
		v := sample[i]
		for d, want := range p.Shape {
			if want == Varies {
				dst = binary.LittleEndian.AppendUint32(dst, uint32(v.Shape[d]))
			}
		}
		dst = append(dst, v.Data...)
	}
	return dst, nil
}

// fits says whether a value is one of the part.
func (p Part) fits(v Value) error {
	ok := len(v.Shape) == len(p.Shape)
	for d, want := range p.Shape {
		ok = ok && v.Shape[d] >= 0 && (want == v.Shape[d] || want == Varies)
	}
	if !ok {
		return fmt.Errorf("shape %v, the schema says %v", v.Shape, p.Shape)
	}
	if n, ok := p.bytes(v.Shape); !ok || n != len(v.Data) {
		return fmt.Errorf("%d bytes for a shape of %v", len(v.Data), v.Shape)
	}
	return p.numbersClasses(v)
}

// numbersClasses says whether every element of a value numbers a class, if the part has classes.
func (p Part) numbersClasses(v Value) error {
	n := len(p.Classes)
	wrong := func(c int) error { return fmt.Errorf("class %d, there are %d", c, n) }
	switch {
	case n == 0:
	case p.Element == Uint8:
		for _, c := range v.Data {
			if int(c) >= n && (p.Ignore == 0 || int(c) != p.Ignore) {
				return wrong(int(c))
			}
		}
	default:
		for _, c := range v.Int32s() {
			if (c < 0 || int(c) >= n) && (p.Ignore == 0 || int(c) != p.Ignore) {
				return wrong(int(c))
			}
		}
	}
	return nil
}

// decodeSample takes a record apart. The sample's data are parts of the record.
func (s Schema) decodeSample(record []byte) (Sample, error) {
	sample := make(Sample, len(s.Parts))
	for i, p := range s.Parts {
		v := Value{Shape: slices.Clone(p.Shape)}
		for d, want := range p.Shape {
			if want != Varies {
				continue
			}
			if len(record) < 4 {
				return nil, fmt.Errorf("part %q: the record ends within its shape", p.Name)
			}
			n := binary.LittleEndian.Uint32(record)
			if record = record[4:]; n > math.MaxInt32 {
				return nil, fmt.Errorf("part %q: a dimension of %d", p.Name, n)
			}
			v.Shape[d] = int(n)
		}
		n, ok := p.bytes(v.Shape)
		if !ok || n > len(record) {
			return nil, fmt.Errorf("part %q: %d bytes are left for a shape of %v", p.Name, len(record), v.Shape)
		}
		v.Data, record = record[:n:n], record[n:]
		if err := p.fits(v); err != nil {
			return nil, fmt.Errorf("part %q: %w", p.Name, err)
		}
		sample[i] = v
	}
	if len(record) > 0 {
		return nil, fmt.Errorf("%d bytes after its last part", len(record))
	}
	return sample, nil
}
