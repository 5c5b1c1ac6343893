package bench

import (
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/tensor"
)

// BenchmarkKernels runs the cases of `rondo bench` on one goroutine.
func BenchmarkKernels(b *testing.B) {
	for _, c := range Kernels() {
		b.Run(strings.ReplaceAll(c.Name+" "+c.Shape, " ", "_"), func(b *testing.B) {
			w := c.Make(tensor.NewPool(1))
			b.ReportAllocs()
			for b.Loop() {
				w.Run()
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			if w.Bytes > 0 {
				b.ReportMetric(w.Bytes/seconds/1e9, "GB/s")
			} else {
				b.ReportMetric(w.Flops/seconds/1e9, "GFLOP/s")
			}
		})
	}
}

// Work is counted for each goroutine of a pool.
func TestEach(t *testing.T) {
	pool := tensor.NewPool(3)
	defer pool.Close()
	runs := make([]int, 3)
	made := 0
	w := each(pool, func() Work {
		i := made
		made++
		return Work{Flops: 10, Run: func() { runs[i]++ }}
	})
	w.Run()
	if w.Flops != 30 || made != 3 || runs[0] != 1 || runs[1] != 1 || runs[2] != 1 {
		t.Errorf("%v flops, made %d, runs %v", w.Flops, made, runs)
	}
}

// TestKernels measures everything for a moment: each kernel has a speed in one of the two units, and a share of the machine.
func TestKernels(t *testing.T) {
	if testing.Short() {
		return // memory that no cache holds takes the race detector long
	}
	m := Meter{Budget: time.Millisecond, Cores: 2}
	machine := m.Machine()
	if machine.Ceiling.One <= 0 || machine.Ceiling.All <= 0 || machine.Memory.Update.All <= 0 || machine.Memory.Read.One <= 0 {
		t.Fatalf("%+v", machine)
	}
	for _, c := range Kernels() {
		k := m.Kernel(c, machine)
		if (k.GFLOPS == nil) == (k.GBytes == nil) || k.Share.One <= 0 || k.Share.All <= 0 {
			t.Errorf("%s: %+v", c.Name, k)
		}
	}
}

// A call that is over before a goroutine of the pool has woken measures the waking.
func TestKernelsRepayWaking(t *testing.T) {
	const flops = 1 << 21 // some 20 µs of one core at the least
	for _, c := range Kernels() {
		if w := c.Make(tensor.NewPool(1)); w.Bytes == 0 && w.Flops < flops {
			t.Errorf("%s: a call on one goroutine is %v operations, want %v or more", c.Name, w.Flops, flops)
		}
	}
}
