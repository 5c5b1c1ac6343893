package worker

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
)

// Any bit that differs, and any two numbers that change places, show, on any number of threads.
func TestMark(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	one, three := tensor.NewPool(1), tensor.NewPool(3)
	defer one.Close()
	defer three.Close()
	for _, n := range []int{0, 1, 3, 7, 8, 9, 41, markBlock, 2*markBlock + 5} {
		x := make([]float32, n)
		for i := range x {
			x[i] = r.Float32() - 0.5
		}
		of := safetensors.Tensor{Data: x}
		want := markOf(one, of)
		if got := markOf(three, of); got != want {
			t.Errorf("%d numbers: %x on three threads, %x on one", n, got, want)
		}
		seen := map[uint64]bool{want: true}
		for i := 0; i < n; i += max(1, n/50) {
			for bit := range 32 {
				was := x[i]
				x[i] = math.Float32frombits(math.Float32bits(was) ^ 1<<bit)
				if got := markOf(one, of); seen[got] {
					t.Errorf("%d numbers: bit %d of number %d gives a mark that was there", n, bit, i)
				} else {
					seen[got] = true
				}
				x[i] = was
			}
			if j := (i + 3) % n; x[i] != x[j] {
				x[i], x[j] = x[j], x[i]
				if markOf(one, of) == want {
					t.Errorf("%d numbers: %d and %d in each other's places do not show", n, i, j)
				}
				x[i], x[j] = x[j], x[i]
			}
		}
	}
	if markOf(one, safetensors.Tensor{Data: []int64{5}}) == markOf(one, safetensors.Tensor{Data: []int64{6}}) {
		t.Error("counters do not show")
	}
}

func BenchmarkMark(b *testing.B) {
	x := safetensors.Tensor{Shape: []int{11 << 20}, Data: make([]float32, 11<<20)} // about a ResNet-18
	for name, threads := range map[string]int{"one": 1, "two": 2} {
		b.Run(name, func(b *testing.B) {
			pool := tensor.NewPool(threads)
			defer pool.Close()
			b.SetBytes(4 * 11 << 20)
			for b.Loop() {
				markOf(pool, x)
			}
		})
	}
}
