package nn

import (
	"runtime"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// BenchmarkMelSpectrogram hears 32 sounds of a second at 16 kHz: 101 frames of
// 400 samples, 80 bands.
func BenchmarkMelSpectrogram(b *testing.B) {
	mel, err := NewMelSpectrogram("mel", MelOptions{Rate: 16000, FFT: 400, Hop: 160, Bands: 80, Log: MelNatural})
	if err != nil {
		b.Fatal(err)
	}
	pool := tensor.NewPool(runtime.GOMAXPROCS(0))
	defer pool.Close()
	tape := NewTape(NewParams(), pool, Shape{Steps: 1, Lanes: 4, Rows: 8}, Training, 0)
	x := newFeed(tape, 16000)
	quantized(x.data, Stream{Seed: 1})
	mel.Forward(tape, x.y, nil)
	tape.Plan()
	tape.Forward()
	b.ReportAllocs()
	for b.Loop() {
		tape.Forward()
	}
}
