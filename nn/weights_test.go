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

func TestLoadFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.safetensors")
	if err := twoParams().LoadFile(path); err == nil || !strings.Contains(err.Error(), "none.safetensors") {
		t.Errorf("error %v", err)
	}
}
