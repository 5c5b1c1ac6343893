package bench

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
)

// TestMember runs a ring of members in memory. Each sends 2(n-1)/n of a bucket and a few frames' headers.
func TestMember(t *testing.T) {
	for _, c := range []struct{ n, burst int }{{1, 0}, {2, 0}, {3, 0}, {2, 5}} {
		n := c.n
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("member-%d", i)
		}
		next, prev := make([]allreduce.Link, n), make([]allreduce.Link, n)
		if n > 1 {
			next, prev = allreduce.NewMemNetwork(0).Ring(names)
		}
		results, errs := make([][]RingSize, n), make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				m := Member{Self: i, Workers: n, Sizes: []int{4096, 12000}, Budget: 5 * time.Millisecond, Burst: c.burst, Next: next[i], Prev: prev[i]}
				results[i], errs[i] = m.Run(t.Context())
			})
		}
		wg.Wait()
		for i := range n {
			if errs[i] != nil || len(results[i]) != 2 {
				t.Fatalf("member %d of %d: %v, %v", i, n, results[i], errs[i])
			}
			s := results[i][1]
			least := int64(2 * (n - 1) * 12000 / n)
			if s.Bytes != 12000 || s.Micros <= 0 || s.Sent < least || s.Sent > least+int64(n)*2000 {
				t.Errorf("member %d of %d: %+v, want about %d bytes sent", i, n, s, least)
			}
			if (s.Bus == 0) != (n == 1) {
				t.Errorf("member %d of %d: bus bandwidth %v", i, n, s.Bus)
			}
		}
	}
}
