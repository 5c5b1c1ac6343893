package nn

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

func twoParams() *Params {
	ps := NewParams()
	ps.Add("a.weight", UniformInit(1), 2, 3)
	ps.Add("a.bias", UniformInit(1), 3)
	ps.Allocate()
	return ps
}

// Parameters of every number of dimensions have the matrix that operations read, and their shape in a file.
func TestParameterShapes(t *testing.T) {
	ps := NewParams()
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{{nil, 1, 1}, {[]int{5}, 1, 5}, {[]int{2, 3}, 2, 3}, {[]int{6, 1, 1}, 6, 1}, {[]int{4, 3, 2}, 4, 6}, {[]int{4, 3, 2, 5}, 4, 30}} {
		p := ps.Add(fmt.Sprintf("p%d", len(ps.List)), UniformInit(1), c.shape...)
		if p.Rows != c.rows || p.Cols != c.cols || !slices.Equal(p.Shape, c.shape) {
			t.Errorf("%v is %dx%d of shape %v, want %dx%d", c.shape, p.Rows, p.Cols, p.Shape, c.rows, c.cols)
		}
	}
	ps.Allocate()
	ps.Initialize(1)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	var file bytes.Buffer
	if err := safetensors.Write(&file, ps.Tensors(), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(ps.Values)
	clear(ps.Values)
	if err := ps.LoadFile(path); err != nil {
		t.Fatal(err)
	}
	if err := sameBits(ps.Values, want); err != nil {
		t.Error(err)
	}
}

func tensorsOf(ps *Params) map[string]safetensors.Tensor {
	m := map[string]safetensors.Tensor{}
	for _, t := range ps.Tensors() {
		m[t.Name] = t
	}
	return m
}

func TestWeightsThereAndBack(t *testing.T) {
	from, to := twoParams(), twoParams()
	from.Initialize(1)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Write(f, from.Tensors(), nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.LoadFile(path); err != nil {
		t.Fatal(err)
	}
	if err := sameBits(to.Values, from.Values); err != nil {
		t.Error(err)
	}
}

func TestSetTensorsErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(m map[string]safetensors.Tensor)
		want   string
	}{
		{"missing", func(m map[string]safetensors.Tensor) { delete(m, "a.bias") }, "no tensor a.bias, which the model has with shape [3]"},
		{"shape", func(m map[string]safetensors.Tensor) {
			m["a.weight"] = safetensors.Tensor{Name: "a.weight", Shape: []int{3, 2}, Data: make([]float32, 6)}
		}, "tensor a.weight has shape [3 2], but the model's has [2 3]"},
		{"type", func(m map[string]safetensors.Tensor) {
			m["a.bias"] = safetensors.Tensor{Name: "a.bias", Shape: []int{3}, Data: make([]float64, 3)}
		}, "tensor a.bias holds F64 elements; F32 is wanted"},
		{"length", func(m map[string]safetensors.Tensor) {
			m["a.bias"] = safetensors.Tensor{Name: "a.bias", Shape: []int{3}, Data: make([]float32, 2)}
		}, "tensor a.bias has 2 elements"},
		{"more", func(m map[string]safetensors.Tensor) { m["b"], m["c"] = m["a.bias"], m["a.bias"] }, "no parameter b, c"},
	} {
		ps := twoParams()
		tensors := tensorsOf(twoParams())
		c.change(tensors)
		ps.Initialize(1)
		was := append([]float32(nil), ps.Values...)
		if err := ps.SetTensors(tensors); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
		if err := sameBits(ps.Values, was); err != nil {
			t.Errorf("%s: changed in spite of the error: %v", c.name, err)
		}
	}
}

func TestLoadFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.safetensors")
	if err := twoParams().LoadFile(path); err == nil || !strings.Contains(err.Error(), "none.safetensors") {
		t.Errorf("error %v", err)
	}
}
