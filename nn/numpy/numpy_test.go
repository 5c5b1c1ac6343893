package numpy

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

const published = "testdata/set"

func open(t *testing.T, dir string) *Set {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestWrite: what is read and written again has the bytes of NumPy's own files.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	if err := Write(dir, open(t, published)); err != nil {
		t.Fatal(err)
	}
	ours := Files(dir)
	for i, path := range Files(published) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(ours[i]); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, %q, want %q", ours[i], err, got[:min(len(got), 128)], want[:128])
		}
	}
	if err := Write(dir, open(t, published)); err == nil || !strings.Contains(err.Error(), "is there; a new directory is wanted") {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".new-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestRead: element [out, in] is that of [in, out] in the file, and the blocks of the recurrent matrix stand one below the
// other.
func TestRead(t *testing.T) {
	s := open(t, published)
	wh, err := s.Read("rnn.weight_mh_l0_v")
	if err != nil || !slices.Equal(wh.Shape, []int{20, 5}) {
		t.Fatal(wh.Shape, err)
	}
	for block := range 4 {
		file := make([]float32, 25)
		if err := s.arrays[2+block].Read(file, 0); err != nil {
			t.Fatal(err)
		}
		for out := range 5 {
			for in := range 5 {
				if got, want := wh.At((5*block+out)*5+in), float64(file[in*5+out]); got != want {
					t.Fatalf("block %d, [%d, %d] is %v, want %v", block, out, in, got, want)
				}
			}
		}
	}
	if _, err := s.Read("x"); err == nil {
		t.Error("read a tensor that is not there")
	}
}

// sparse writes a set of zeros that takes hardly any room on disk.
func sparse(t *testing.T, dir string, vocab, embed, hidden int) {
	t.Helper()
	for i, want := range shapes(vocab, embed, hidden) {
		p := parts[i]
		for n := p.first; n <= p.last; n++ {
			f, err := os.Create(Files(dir)[n])
			if err != nil {
				t.Fatal(err)
			}
			dims, size := p.fileShape(want), int64(4)
			for _, d := range dims {
				size *= int64(d)
			}
			if err := WriteArray(f, dims, func(func([]float32) error) error { return nil }); err != nil {
				t.Fatal(err)
			}
			at, err := f.Seek(0, io.SeekEnd)
			if err == nil {
				err = f.Truncate(at + size)
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
}

// TestPublishedShapes: the set of 4,096 units opens, and has the 86,319,360 values that its authors count.
func TestPublishedShapes(t *testing.T) {
	dir := t.TempDir()
	sparse(t, dir, 256, 64, 4096)
	s := open(t, dir)
	values := 0
	for _, name := range s.Names() {
		info, _ := s.Info(name)
		values += info.Count()
	}
	if values != 86319360 {
		t.Errorf("%d values", values)
	}
	if info, _ := s.Info("rnn.weight_mh_l0_v"); !slices.Equal(info.Shape, []int{16384, 4096}) {
		t.Errorf("%+v", info)
	}
}

func TestErrors(t *testing.T) {
	array := func(descr, order, shape string, bytes int) string {
		text := "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
		return magic + "\x01\x00" + string([]byte{byte(len(text)), 0}) + text + strings.Repeat("\x00", bytes)
	}
	for name, c := range map[string]struct{ file, want string }{
		"no array":  {"PK\x03\x04xxxxxxxxxxxxxxxxx", "it is no .npy file"},
		"empty":     {"", "it is no .npy file"},
		"float64":   {array("<f8", "False", "(256, 3)", 8*768), `elements of type "<f8"; '<f4' is wanted`},
		"columns":   {array("<f4", "True", "(256, 3)", 4*768), "its columns come one after the other"},
		"cut short": {array("<f4", "False", "(256, 3)", 4*767), "is it cut short?"},
		"too large": {array("<f4", "False", "(99999, 99999999)", 0), "too large"},
		"a header":  {magic + "\x01\x00\xff\xff{}", "a header of 65535 bytes"},
		"version":   {magic + "\x09\x00\x02\x00{}", "version 9"},
		"nothing":   {magic + "\x01\x00\x02\x00{}", "does not describe an array"},
		"a shape":   {array("<f4", "False", "(99999999999999999999,)", 0), "a dimension of"},
		"a vector":  {array("<f4", "False", "(256,)", 1024), "an embedding and a square matrix are wanted"},
		"other":     {array("<f4", "False", "(256, 4)", 4096), "1.npy: [3 20]; with 5 units, as 7.npy says, it is [4 20]: rnn.weight_ih_l0_v"},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(published)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(Files(dir)[0], []byte(c.file), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("opened nothing")
	}
	dir := filepath.Join(t.TempDir(), "set")
	for want, list := range map[string]safetensors.List{
		"no tensor encoder.weight": {},
		"has no place for fc.bias": append(tensors(t), safetensors.Tensor{Name: "fc.bias", Shape: []int{1}, Data: []float32{1}}),
		"decoder.bias is F64[256]": append(safetensors.List{{Name: "decoder.bias", Shape: []int{256}, Data: make([]float64, 256)}}, tensors(t)...),
	} {
		if err := Write(dir, list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestFlat: a matrix of one row or column may lie in its file as a vector.
func TestFlat(t *testing.T) {
	dir := t.TempDir()
	sparse(t, dir, 3, 1, 2)
	var b bytes.Buffer
	if err := WriteArray(&b, []int{8}, func(put func([]float32) error) error { return put([]float32{1, 2, 3, 4, 5, 6, 7, 8}) }); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(Files(dir)[1], b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := open(t, dir).Read("rnn.weight_ih_l0_v")
	if err != nil || !slices.Equal(w.Shape, []int{8, 1}) || w.At(7) != 8 {
		t.Errorf("%v, %v", w, err)
	}
}

// TestWriteTensor: the bytes are those of np.save (NumPy 2) of the same array.
func TestWriteTensor(t *testing.T) {
	for want, tensor := range map[string]safetensors.Tensor{
		"'<i8' (3,) \x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00": {Shape: []int{3}, Data: []int64{0, 1, 2}},
		"'|u1' (1, 2) \x01\x02":                                          {Shape: []int{1, 2}, Data: []byte{1, 2}},
		"'<f8' () \x00\x00\x00\x00\x00\x00\xf8?":                         {Data: []float64{1.5}},
		"'|b1' (2,) \x01\x00":                                            {Shape: []int{2}, Data: []bool{true, false}},
		"'<f4' (2, 2) \x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@": {Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}},
	} {
		kind, rest, _ := strings.Cut(want, " ")
		dims, data, _ := strings.Cut(rest, ") ")
		head := "{'descr': " + kind + ", 'fortran_order': False, 'shape': " + dims + "), }"
		want = "\x93NUMPY\x01\x00v\x00" + head + strings.Repeat(" ", 117-len(head)) + "\n" + data
		var b bytes.Buffer
		if err := WriteTensor(&b, tensor); err != nil || b.String() != want {
			t.Errorf("%v, %q, want %q", err, b.String(), want)
		}
	}
	for want, tensor := range map[string]safetensors.Tensor{
		"NumPy has no elements of type BF16": {Name: "x", Shape: []int{1}, Data: make([]safetensors.BFloat16, 1)},
		"numpy: tensor":                      {Name: "x", Shape: []int{2}, Data: []float32{1}},
	} {
		if err := WriteTensor(io.Discard, tensor); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// tensors are those of the published set.
func tensors(t *testing.T) (list safetensors.List) {
	s := open(t, published)
	for _, name := range s.Names() {
		tensor, err := s.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tensor)
	}
	return list
}

func FuzzHeader(f *testing.F) {
	for _, path := range Files(published) {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(magic + "\x02\x00\x02\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dims, data, err := readHeader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		count := 1
		for _, n := range dims {
			count *= n
		}
		if data < 0 || count < 0 || count > math.MaxInt32 || data+4*int64(count) != int64(len(b)) {
			t.Errorf("%v from byte %d of %d", dims, data, len(b))
		}
	})
}
