package tensor

import "testing"

func TestWindowSums(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 92}
		for _, n := range []int{1, 2, 7, 40} {
			for before := range 5 {
				for after := range 5 {
					dst, src := newGuarded(&s, 1, n, n), newGuarded(&s, 1, n, n)
					WindowSums(dst.Data[:n], src.Data[:n], before, after)
					for j := range n {
						want := float32(0)
						for i := max(0, j-before); i <= min(n-1, j+after); i++ {
							want += src.Data[i]
						}
						if dst.Data[j] != want {
							t.Fatalf("%d values, from %d before to %d after: sum %d is %v, want %v", n, before, after, j, dst.Data[j], want)
						}
					}
					dst.intact(t)
				}
			}
		}
	})
}
