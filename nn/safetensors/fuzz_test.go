package safetensors

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzNew gives New any bytes: it answers with an error, or with a file all of whose tensors can be read,
// written and read again.
func FuzzNew(f *testing.F) {
	f.Add(encode(f, sample(), map[string]string{"a": "b"}))
	f.Add(encode(f, nil, nil))
	f.Add(file(`{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"v":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}`, 9))
	f.Add(file(`{"w":{"dtype":"F64","shape":[0,9223372036854775807],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := decode(data)
		if err != nil {
			return
		}
		var tensors []Tensor
		for _, name := range file.Names() {
			tensor, err := file.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			if name != "" {
				tensors = append(tensors, tensor)
			}
		}
		again, err := decode(encode(t, tensors, file.Metadata()))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range tensors {
			got, err := again.Read(want.Name)
			if err != nil {
				t.Fatal(err)
			}
			if got.DType() != want.DType() || !reflect.DeepEqual(got.Shape, want.Shape) || !bytes.Equal(raw(t, got), raw(t, want)) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	})
}

// raw is a tensor's bytes, so that NaNs compare.
func raw(t *testing.T, tensor Tensor) []byte {
	b := &bytes.Buffer{}
	if err := tensor.WriteData(b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
