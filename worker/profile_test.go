package worker

import (
	"context"
	"errors"
	"testing"
)

// TestProfile takes the steps of a small model: buckets leave in order and before the gradients are all there,
// and more lanes are more work.
func TestProfile(t *testing.T) {
	f := smallFile(t)
	p, err := NewProfiler(f, t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, lanes := range []int{1, 3, 8} {
		got, err := p.Measure(t.Context(), lanes, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := lanes * 2 * 12; got.Targets != want {
			t.Errorf("%d lanes: %d targets, want %d", lanes, got.Targets, want)
		}
		// Two layers of 4*24 x 24 with 12 and 24 inputs, and 256 x 24 in the end.
		weights := 96*12 + 96*24 + 2*96*24 + 256*24
		if want := 6 * float64(weights*got.Targets); got.Operations != want {
			t.Errorf("%d lanes: %v operations, want %v", lanes, got.Operations, want)
		}
		bytes := 0
		for i, b := range got.Buckets {
			bytes += b.Bytes
			if b.Left <= 0 || b.Left > got.Computed || b.Fold <= 0 || (i > 0 && b.Left < got.Buckets[i-1].Left) {
				t.Errorf("%d lanes: bucket %d: %+v of %+v", lanes, i, b, got)
			}
		}
		if bytes != 4*got.Parameters || got.Computed > got.Total {
			t.Errorf("%d lanes: %d bytes of gradient: %+v", lanes, bytes, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Measure(ctx, 1, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
