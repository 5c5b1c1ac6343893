package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file puts a header before size bytes of data.
func file(header string, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, size)...)
}

func TestBadFiles(t *testing.T) {
	entry := func(dtype, shape, offsets string) string {
		return `{"w":{"dtype":` + dtype + `,"shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	two := func(a, b string) string {
		return `{"a":{"dtype":"U8","shape":[2],"data_offsets":` + a + `},"b":{"dtype":"U8","shape":[2],"data_offsets":` + b + `}}`
	}
	cases := []struct {
		name string
		data []byte
		want []string
	}{
		{"empty", nil, []string{"too few", "cut short"}},
		{"seven bytes", make([]byte, 7), []string{"too few"}},
		{"huge header", []byte{255, 255, 255, 255, 255, 255, 255, 255, '{', '}'}, []string{"header length", "18446744073709551615"}},
		{"a page", []byte("<!DOCTYPE html>"), []string{`begins with "<!DOCTYP"`, "torch.save"}},
		{"header beyond the file", file("{}", 0)[:9], []string{"header length", "found 2, want at most 1"}},
		{"no JSON", file("hello", 0), []string{"header", "want a JSON object"}},
		{"a list", file("[]", 0), []string{"header", "want a JSON object"}},
		{"not UTF-8", file("{\"\xff\":{}}", 0), []string{"header", "not UTF-8"}},
		{"cut JSON", file(`{"w":{"dtype"`, 0), []string{"header", "not JSON"}},
		{"something after", file(`{} {}`, 0), []string{"follows the JSON"}},
		{"same name", file(`{"w":{},"w":{}}`, 0), []string{`"w"`, "twice"}},
		{"same field", file(`{"w":{"dtype":"F32","dtype":"F64"}}`, 0), []string{`tensor "w"`, `"dtype"`, "twice"}},
		{"field of another case", file(`{"w":{"Dtype":"F32"}}`, 0), []string{`tensor "w"`, `unknown field "Dtype"`}},
		{"missing field", file(`{"w":{"dtype":"F32","shape":[]}}`, 0), []string{`tensor "w"`, "want all three"}},
		{"no object", file(`{"w":5}`, 0), []string{`tensor "w"`, "found 5"}},
		{"metadata", file(`{"__metadata__":{"a":1}}`, 0), []string{"__metadata__", `"a" is not a string`}},
		{"null metadata", file(`{"__metadata__":null}`, 0), []string{"__metadata__", "found null"}},
		{"type of dtype", file(entry(`4`, `[1]`, `[0,4]`), 4), []string{`tensor "w"`, "dtype: found 4"}},
		{"dtype not handled", file(entry(`"F8_E4M3"`, `[2]`, `[0,2]`), 2), []string{`tensor "w"`, `dtype: found "F8_E4M3", want F32, F64, F16`}},
		{"null shape", file(entry(`"F32"`, `null`, `[0,4]`), 4), []string{`tensor "w"`, "shape: found null"}},
		{"null extent", file(entry(`"F32"`, `[null]`, `[0,0]`), 0), []string{`tensor "w"`, "shape: found [null]"}},
		{"negative extents", file(entry(`"F32"`, `[-1,-1]`, `[0,4]`), 4), []string{`tensor "w"`, "shape: found [-1 -1]"}},
		{"fraction", file(entry(`"F32"`, `[1.5]`, `[0,4]`), 4), []string{`tensor "w"`, "shape: found [1.5]"}},
		{"product beyond 64 bits", file(entry(`"U8"`, `[4294967296,4294967296]`, `[0,0]`), 0), []string{`tensor "w"`, "shape"}},
		{"size beyond 64 bits", file(entry(`"F64"`, `[2305843009213693952]`, `[0,0]`), 0), []string{`tensor "w"`, "shape"}},
		{"shape and size", file(entry(`"F32"`, `[2]`, `[0,4]`), 4), []string{`tensor "w"`, "shape: found [2] of F32", "4 bytes"}},
		{"one offset", file(entry(`"F32"`, `[1]`, `[0]`), 4), []string{`tensor "w"`, "data_offsets"}},
		{"backward offsets", file(entry(`"F32"`, `[1]`, `[4,0]`), 4), []string{`tensor "w"`, "data_offsets"}},
		{"negative offset", file(entry(`"F32"`, `[1]`, `[-4,0]`), 4), []string{`tensor "w"`, "data_offsets"}},
		{"beyond the data", file(entry(`"F32"`, `[1]`, `[0,4]`), 3), []string{`tensor "w"`, "data_offsets", "cut short"}},
		{"offset beyond 64 bits", file(entry(`"F32"`, `[1]`, `[0,9223372036854775808]`), 4), []string{`tensor "w"`, "data_offsets"}},
		{"hole before", file(entry(`"F32"`, `[1]`, `[4,8]`), 8), []string{`tensor "w"`, "begins at 4, want 0"}},
		{"rest after", file(entry(`"F32"`, `[1]`, `[0,4]`), 5), []string{"end at byte 4 of 5"}},
		{"overlap", file(two("[0,2]", "[1,3]"), 3), []string{`tensor "b"`, "begins at 1, want 2"}},
		{"same place", file(two("[0,2]", "[0,2]"), 2), []string{"begins at 0, want 2"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode(c.data)
			for _, want := range append(c.want, "test.safetensors") {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q in it", err, want)
				}
			}
		})
	}
}

func TestBadReads(t *testing.T) {
	data := encode(t, sample(), nil)
	f, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		err  error
		want string
	}{
		{f.ReadFloat32("none", nil), `tensor "none": not in the file`},
		{f.ReadFloat32("double", make([]float32, 2)), `tensor "double": dtype: found F64, want F32`},
		{f.ReadFloat32("weight", make([]float32, 3)), `tensor "weight": shape: found [2 2], 4 elements, want 3 elements`},
	}
	f.r = bytes.NewReader(data[:len(data)-8])
	cases = append(cases, struct {
		err  error
		want string
	}{f.ReadUint8("z", make([]byte, 3)), `tensor "z": EOF`})
	for _, c := range cases {
		if c.err == nil || c.err.Error() != "safetensors: test.safetensors: "+c.want {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
	if _, err := f.Read("none"); err == nil {
		t.Error("read a tensor that is not there")
	}
	if _, err := f.Data("none"); err == nil {
		t.Error("gave the data of a tensor that is not there")
	}
}

func TestBadWrites(t *testing.T) {
	one := []float32{1}
	for name, tensors := range map[string][]Tensor{
		"type":       {{"x", []int{1}, []uint32{1}}},
		"nil":        {{"x", []int{0}, nil}},
		"shape":      {{"x", []int{2}, one}},
		"negative":   {{"x", []int{-1, -1}, one}},
		"twice":      {{"x", []int{1}, one}, {"x", []int{1}, one}},
		"no name":    {{"", []int{1}, one}},
		"reserved":   {{"__metadata__", []int{1}, one}},
		"not UTF-8":  {{"\xff", []int{1}, one}},
		"too large":  {{"x", []int{1 << 32, 1 << 32}, one}},
		"two of one": {{"y", []int{1}, one}, {"x", []int{1, 2}, one}},
	} {
		if err := Write(io.Discard, tensors, nil); err == nil || !strings.HasPrefix(err.Error(), "safetensors: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Write(io.Discard, nil, map[string]string{"a": "\xff"}); !errors.Is(err, errNotUTF8) {
		t.Errorf("metadata that is not UTF-8: %v", err)
	}
	for limit := range 300 {
		if err := Write(&full{limit}, sample(), nil); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("a disk full after %d bytes: %v", limit, err)
		}
	}
}

// full is a writer that takes so many bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, io.ErrShortWrite
	}
	f.left -= len(p)
	return len(p), nil
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "short.safetensors")
	if err := os.WriteFile(path, []byte{1, 2}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Join(dir, "none"), dir} {
		if _, err := Open(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", p, err)
		}
	}
}
