package cmd

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// tensors makes samples of a batch: a tensor [n, …] for each part that the model reads.
func (in *predictInputs) tensors(path string) ([]inputGroup, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	set := &memorySet{}
	for _, part := range in.p.Reads() {
		values, of, err := in.column(f, part.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if set.list == nil {
			set.list = make([]samples.Sample, len(values))
		}
		if len(values) != len(set.list) {
			return nil, fmt.Errorf("%s: %d samples in %s, and %d in %s", path, len(values), part.Name, len(set.list), set.schema.Parts[0].Name)
		}
		set.schema.Parts = append(set.schema.Parts, of)
		for i, v := range values {
			set.list[i] = append(set.list[i], v)
		}
	}
	var names []string
	for i := range set.list {
		names = append(names, fmt.Sprintf("%s:%d", filepath.Base(path), i))
	}
	return []inputGroup{{set: set, names: names}}, nil
}

// column makes values of a tensor, one for each of its rows, and a part that they are of.
func (in *predictInputs) column(f *safetensors.File, name string) (values []samples.Value, part samples.Part, err error) {
	info, ok := f.Info(name)
	if !ok {
		return nil, part, fmt.Errorf("no tensor %s, which the model reads; there are %s", name, strings.Join(f.Names(), ", "))
	}
	if len(info.Shape) == 0 || info.Shape[0] < 1 || info.Count() < 1 {
		return nil, part, fmt.Errorf("%s is %v, want [n, …] of one sample or more", name, info.Shape)
	}
	tensor, err := f.Read(name)
	if err != nil {
		return nil, part, err
	}
	part = samples.Part{Name: name, Shape: append([]int{}, info.Shape[1:]...)}
	switch data := tensor.Data.(type) {
	case []byte:
		part.Element = samples.Uint8
	case []int16:
		part.Element = samples.Int16
	case []float32:
		part.Element = samples.Float32
	case []int32:
		part.Element = samples.Int32
	case []int64:
		part.Element = samples.Int32
		if tensor.Data, err = narrow(name, data); err != nil {
			return nil, part, err
		}
	default:
		return nil, part, fmt.Errorf("%s is of %s; give U8 for pixels, F32 for numbers, I16 or F32 for sounds, I32 or I64 for symbols", name, info.DType)
	}
	lengths, err := lengthsOf(f, name, info.Shape)
	if err != nil {
		return nil, part, err
	}
	if lengths != nil {
		part.Shape[0] = samples.Varies
	}
	if known := in.p.Part(name); known != nil {
		part.Rate = known.Rate
	}
	return cutRows(tensor, info.Shape, lengths, part.Element.Size()), part, nil
}

// cutRows are the samples of a tensor, of which each has so much of its first dimension as lengths say, or all.
func cutRows(tensor safetensors.Tensor, shape, lengths []int, element int) (values []samples.Value) {
	b := &bytes.Buffer{}
	_ = tensor.WriteData(b) // to memory
	size := element
	for _, n := range shape[1:] {
		size *= n
	}
	for i := range shape[0] {
		v := samples.Value{Shape: append([]int{}, shape[1:]...), Data: b.Bytes()[i*size : (i+1)*size]}
		if lengths != nil {
			v.Data = v.Data[:size/shape[1]*lengths[i]]
			v.Shape[0] = lengths[i]
		}
		values = append(values, v)
	}
	return values
}

// lengthsOf reads the tensor NAME.length [n], or nil where there is none.
func lengthsOf(f *safetensors.File, name string, shape []int) ([]int, error) {
	of := name + nn.LengthSuffix
	info, ok := f.Info(of)
	if !ok {
		return nil, nil
	}
	if len(shape) < 2 || len(info.Shape) != 1 || info.Shape[0] != shape[0] || info.DType != safetensors.I32 && info.DType != safetensors.I64 {
		return nil, fmt.Errorf("%s is %s%v, want I32 or I64 [%d], for %s [n, length, …]", of, info.DType, info.Shape, shape[0], name)
	}
	t, err := f.Read(of)
	if err != nil {
		return nil, err
	}
	lengths := make([]int, shape[0])
	for i := range lengths {
		n := t.At(i)
		if !(n >= 0 && n <= float64(shape[1])) {
			return nil, fmt.Errorf("%s: sample %d has a length of %v, want 0 to %d", of, i, n, shape[1])
		}
		lengths[i] = int(n)
	}
	return lengths, nil
}

// narrow makes 32 bits of 64.
func narrow(name string, wide []int64) ([]int32, error) {
	narrow := make([]int32, len(wide))
	for i, n := range wide {
		if narrow[i] = int32(n); int64(narrow[i]) != n {
			return nil, fmt.Errorf("%s: element %d is %d, more than 32 bits hold", name, i, n)
		}
	}
	return narrow, nil
}
