package cmd

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/worker"
)

// TestRingCosts: what loads of a known cost took gives that cost again.
func TestRingCosts(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6*want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	took := func(bytes int, frames, frame float64) bench.RingSize {
		return bench.RingSize{Bytes: bytes, Sent: int64(bytes) + 100, CPU: float64(bytes+100)*1.1e-9 + frames*frame}
	}
	// A bucket of 1 MiB has two chunks of 512 KiB, three frames each.
	b, f, w := ringCosts(took(1<<20, 6, 5e-6), took(4<<10, 2, 5e-6), took(4<<10, 2, 20e-6))
	near("a byte", b, 1.1e-9)
	near("a frame", f, 5e-6)
	near("a wake", w, 15e-6)
	if b, f, w := ringCosts(took(64<<10, 2, 5e-6), bench.RingSize{Bytes: 4 << 10, Sent: 4 << 10, CPU: 1}, took(4<<10, 2, 5e-6)); !(b > 0 && f > 0 && w >= 0) {
		t.Errorf("a load that was held up gives %v, %v, %v", b, f, w)
	}
}

// TestRingOfGradients: chunks are those of the run, and as much is summed as it has gradients, within bounds.
func TestRingOfGradients(t *testing.T) {
	for _, c := range []struct{ buckets, bytes, lanes, size, burst int }{
		{8, 665_600, 8, 166_400, 32},
		{1, 265_216, 8, 66_304, 64}, // not below what leaves a cache
		{40, 8 << 20, 32, 512 << 10, 128},
		{1, 1000, 4, 64 << 10, 64},
		{2, 100 << 20, 2, 4 << 20, 16},
		{1, 123_457 * 4, 3, 329_216, 13},
	} {
		of := worker.Profile{}
		for range c.buckets {
			of.Buckets = append(of.Buckets, worker.ProfileBucket{Bytes: c.bytes})
		}
		got := ringOfGradients(of, c.lanes)
		if got.sizes[0] != c.size || got.burst != c.burst || got.sizes[0]%8 != 0 {
			t.Errorf("%d buckets of %d bytes, %d lanes: %+v, want %d of %d", c.buckets, c.bytes, c.lanes, got, c.burst, c.size)
		}
	}
}
