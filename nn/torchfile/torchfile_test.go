package torchfile

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// expected is what testdata/files.py says of a file.
type expected struct {
	Within  string
	LeftOut []string `json:"left_out"`
	Tensors map[string]struct {
		DType  safetensors.DType
		Shape  []int
		Values []string
	}
}

func readExpected(t testing.TB) map[string]expected {
	t.Helper()
	text, err := os.ReadFile("testdata/files.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]expected{}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFilesOfPyTorch(t *testing.T) {
	for name, want := range readExpected(t) {
		t.Run(name, func(t *testing.T) {
			f, err := Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Within() != want.Within || !slices.Equal(f.LeftOut(), want.LeftOut) {
				t.Errorf("within %q, left out\n%q, want %q,\n%q", f.Within(), f.LeftOut(), want.Within, want.LeftOut)
			}
			if len(f.Names()) != len(want.Tensors) {
				t.Errorf("%d tensors, want %d", len(f.Names()), len(want.Tensors))
			}
			for name, w := range want.Tensors {
				got, err := f.Read(name)
				if err != nil {
					t.Error(err)
					continue
				}
				info, _ := f.Info(name)
				if err := got.Check(); err != nil || got.DType() != w.DType || !slices.Equal(got.Shape, w.Shape) ||
					info.DType != w.DType || !slices.Equal(info.Shape, w.Shape) || info.Count() != len(w.Values) {
					t.Errorf("%s is %s%v (%v), its info %+v, want %s%v", name, got.DType(), got.Shape, err, info, w.DType, w.Shape)
					continue
				}
				for i, text := range w.Values {
					x, err := strconv.ParseFloat(text, 64)
					if err != nil {
						t.Fatal(err)
					}
					if y := got.At(i); y != x && !(math.IsNaN(x) && math.IsNaN(y)) {
						t.Errorf("%s: element %d is %v, want %v", name, i, y, x)
					}
				}
			}
		})
	}
}

// TestNothingRuns reads files that ask for a shell command. Python would run it.
func TestNothingRuns(t *testing.T) {
	for _, name := range []string{"evil.pth", "beside-evil.pth", "beside-evil-legacy.pth", "checkpoint.pth"} {
		f, err := Open(filepath.Join("testdata", name))
		if err == nil {
			f.Close()
		}
	}
	for _, path := range []string{"evil.txt", "testdata/evil.txt"} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is there", path)
		}
	}
}

// readAll reads a whole file.
func readAll(data []byte) (safetensors.List, error) {
	f, err := New("test.pth", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var list safetensors.List
	for _, name := range f.Names() {
		t, err := f.Read(name)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}
