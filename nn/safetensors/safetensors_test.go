package safetensors

import (
	"bytes"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// sample has every element type, odd sizes and odd names.
func sample() []Tensor {
	return []Tensor{
		{Name: "z", Shape: []int{3}, Data: []byte{1, 2, 3}},
		{Name: "weight", Shape: []int{2, 2}, Data: []float32{1, -0.5, float32(math.Inf(1)), math.SmallestNonzeroFloat32}},
		{Name: "scalar", Shape: []int{}, Data: []int64{math.MinInt64}},
		{Name: "double", Shape: []int{1, 1, 2}, Data: []float64{0.1, -1e300}},
		{Name: "half", Shape: []int{3}, Data: []Float16{0x3c00, 0xfc01, 0x8001}},
		{Name: "brain", Shape: []int{1}, Data: []BFloat16{0x3f80}},
		{Name: "i32", Shape: []int{1}, Data: []int32{math.MinInt32}},
		{Name: "i16", Shape: []int{1}, Data: []int16{math.MinInt16}},
		{Name: "i8", Shape: []int{3}, Data: []int8{-128, 0, 127}},
		{Name: "bool", Shape: []int{2}, Data: []bool{true, false}},
		{Name: "empty", Shape: []int{0, 5}, Data: []float32{}},
		{Name: "a \"b\" <ü>\n\\", Shape: []int{1}, Data: []float32{7}},
	}
}

// encode writes tensors to memory.
func encode(t testing.TB, tensors []Tensor, metadata map[string]string) []byte {
	t.Helper()
	b := &bytes.Buffer{}
	if err := Write(b, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(data []byte) (*File, error) {
	return New("test.safetensors", bytes.NewReader(data), int64(len(data)))
}

func TestRoundTrip(t *testing.T) {
	metadata := map[string]string{"format": "pt", "é": "\"\x00"}
	f, err := decode(encode(t, sample(), metadata))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, want := range sample() {
		names = append(names, want.Name)
		got, err := f.Read(want.Name)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v: %v", got, want, err)
		}
		info, ok := f.Info(want.Name)
		if !ok || info.DType != want.DType() || info.Count() != want.Len() || !slices.Equal(info.Shape, want.Shape) {
			t.Errorf("%s: info %+v", want.Name, info)
		}
		if start := f.data + info.Offset; start%int64(info.DType.Size()) != 0 {
			t.Errorf("%s begins at byte %d, which is not aligned", want.Name, start)
		}
	}
	slices.Sort(names)
	if !slices.Equal(f.Names(), names) || !reflect.DeepEqual(f.Metadata(), metadata) {
		t.Errorf("names %q, metadata %q", f.Names(), f.Metadata())
	}
}

// TestDeterministic writes the same tensors in two orders.
func TestDeterministic(t *testing.T) {
	one, two := sample(), sample()
	slices.Reverse(two)
	metadata := map[string]string{"a": "1", "b": "2", "c": "3"}
	if !bytes.Equal(encode(t, one, metadata), encode(t, two, metadata)) {
		t.Error("the order of tensors shows in the bytes")
	}
	if one[0].Name != "z" {
		t.Error("Write changed its argument")
	}
}

// TestChunks writes tensors around the size of the buffer through which they are converted.
func TestChunks(t *testing.T) {
	for _, n := range []int{chunk/4 - 1, chunk / 4, chunk/4 + 1, chunk/2 + 3} {
		want := make([]float32, n)
		for i := range want {
			want[i] = float32(i)
		}
		f, err := decode(encode(t, []Tensor{{Name: "x", Shape: []int{n}, Data: want}}, nil))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, n)
		if err := f.ReadFloat32("x", got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d elements come back otherwise: %v", n, err)
		}
	}
}

// TestReadsPython reads what Python's safetensors wrote (testdata/make.py).
func TestReadsPython(t *testing.T) {
	f, err := Open(filepath.Join("testdata", "python.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, want := range []Tensor{
		{"layer.weight", []int{2, 3}, []float32{0, 0.25, 0.5, 0.75, 1, 1.25}},
		{"layer.bias", []int{3}, []float32{-1.5, float32(math.Inf(1)), 3e-45}},
		{"double", []int{2, 1}, []float64{0.1, -1e300}},
		{"count", []int{}, []int64{-7}},
		{"bytes", []int{5}, []byte("rondo")},
		{"empty", []int{0, 4}, []float32{}},
		{"häuser", []int{1}, []int64{1}},
	} {
		got, err := f.Read(want.Name)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v: %v", got, want, err)
		}
	}
	if len(f.Names()) != 7 || f.Metadata()["note"] != `a "quoted" ü` || f.Metadata()["format"] != "pt" {
		t.Errorf("names %q, metadata %q", f.Names(), f.Metadata())
	}
}

// TestWriteSource copies a file, and finds a source that lies.
func TestWriteSource(t *testing.T) {
	metadata := map[string]string{"format": "pt"}
	want := encode(t, sample(), metadata)
	f, err := decode(want)
	if err != nil {
		t.Fatal(err)
	}
	b := &bytes.Buffer{}
	if err := WriteSource(b, f, f.Metadata()); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("a copy of a file is another one: %v", err)
	}
	if err := WriteSource(b, liar{List(sample())}, nil); err == nil {
		t.Error("a source may say F64 and give F32")
	}
	if err := WriteSource(b, List{{Name: "x", Shape: []int{3}, Data: []float32{1}}}, nil); err == nil {
		t.Error("a shape may not fit")
	}
}

// liar says that all its tensors are of F64.
type liar struct{ List }

func (l liar) Info(name string) (Info, bool) {
	i, ok := l.List.Info(name)
	i.DType = F64
	return i, ok
}
