package checkpoint

import (
	"testing"

	"github.com/rondo-ml/rondo/data/objects/objectstest"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// BenchmarkLarge writes a checkpoint's file of 350 MB, and reads it back as another worker does, in a directory and in a bucket that the same
// process serves out of memory.
func BenchmarkLarge(b *testing.B) {
	const each = 35 << 20 / 4 * 10 / 40
	var tensors []safetensors.Tensor
	for i := range 40 {
		data := make([]float32, each)
		for k := range data {
			data[k] = float32(i * k)
		}
		tensors = append(tensors, safetensors.Tensor{Name: "layer." + string(rune('A'+i)), Shape: []int{each}, Data: data})
	}
	s := objectstest.New(b)
	for _, place := range []struct{ name, dir string }{{"directory", b.TempDir()}, {"bucket", s.Address("runs")}} {
		step := uint64(0)
		var info FileInfo
		b.Run(place.name+"/write", func(b *testing.B) {
			for b.Loop() {
				var err error
				if info, err = WriteFile(Files{}, place.dir, step, FileContent{Name: FileName(Weights), Tensors: tensors}); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(info.Size)
			}
		})
		b.Run(place.name+"/verify", func(b *testing.B) {
			for b.Loop() {
				if err := VerifyFile(Files{}, place.dir, step, info); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(info.Size)
			}
		})
	}
}
