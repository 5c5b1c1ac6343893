package safetensors

import (
	"bytes"
	"io"
	"testing"
)

// BenchmarkElements converts the values of a checkpoint to bytes, and back.
func BenchmarkElements(b *testing.B) {
	t := Tensor{Name: "w", Shape: []int{1 << 20}, Data: make([]float32, 1<<20)}
	text := make([]byte, 4<<20)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(4 << 20)
		for b.Loop() {
			if err := t.WriteData(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(4 << 20)
		for b.Loop() {
			if err := t.ReadData(bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
