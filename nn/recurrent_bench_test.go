package nn

import (
	"runtime"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// BenchmarkLSTMStep is a training step (forward, backward, packing of the
// weights) of one LSTM layer: 512 units, 32 rows, 64 steps, 64 inputs.
func BenchmarkLSTMStep(b *testing.B) {
	benchmarkStep(b, kind{cell: "lstm", layers: 1}, 4)
}

// BenchmarkGRUStep is the same for a GRU, which has three quarters of the
// products.
func BenchmarkGRUStep(b *testing.B) {
	benchmarkStep(b, kind{cell: "gru", layers: 1}, 3)
}

// BenchmarkLSTMByStep is the same LSTM, written as one step.
func BenchmarkLSTMByStep(b *testing.B) {
	benchmarkStep(b, kind{cell: "x-lstm", layers: 1}, 4)
}

func benchmarkStep(b *testing.B, k kind, gates int) {
	const in, hidden = 64, 512
	shape := Shape{Steps: 64, Lanes: 4, Rows: 8}
	pool := tensor.NewPool(runtime.GOMAXPROCS(0))
	defer pool.Close()
	tr := newTrainer(b, pool, k, shape, in, hidden)
	tr.step()
	b.ReportAllocs()
	for b.Loop() {
		tr.step()
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	// Three products with W_hh: forward, the gradient of h and that of W_hh.
	// Two with W_ih, as the input wants no gradient.
	flops := 2 * float64(shape.Total()*gates*hidden) * float64(3*hidden+2*in)
	b.ReportMetric(float64(shape.Total())/seconds, "bytes/s")
	b.ReportMetric(flops/seconds/1e9, "GFLOP/s")
}
