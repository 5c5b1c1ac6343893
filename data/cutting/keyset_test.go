package cutting

import (
	"math/rand/v2"
	"testing"
)

// TestKeySet compares a set with a map, and holds it to the memory that is promised for a key, at every size.
func TestKeySet(t *testing.T) {
	var s keySet
	known := map[uint64]bool{}
	r := rand.New(rand.NewPCG(1, 2))
	most := 0.0
	for range 300_000 {
		key := scattered(r.Uint64N(200_000)) // many come again
		if s.has(key) != known[key] {
			t.Fatalf("key %x of %d: %v, want %v", key, len(known), s.has(key), known[key])
		}
		if !known[key] {
			s.add(key)
			known[key] = true
		}
		if s.count > 20_000 {
			most = max(most, float64(s.size())/float64(s.count))
		}
	}
	if s.count != int64(len(known)) || most > bytesPerKey {
		t.Errorf("%d keys of %d, each of up to %.1f bytes", s.count, len(known), most)
	}
	for key := range known {
		if !s.has(key) || s.has(^key) != known[^key] {
			t.Fatalf("key %x or its complement", key)
		}
	}
}

// scattered is a number whose bits are as likely as not, another for each n: the finalizer of SplitMix64.
func scattered(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

func BenchmarkKeySet(b *testing.B) {
	var s keySet
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		if key := r.Uint64(); !s.has(key) {
			s.add(key)
		}
	}
	b.ReportMetric(float64(s.size())/float64(s.count), "B/key")
}
