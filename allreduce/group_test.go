package allreduce

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
)

// randomLanes are gradients of mixed sizes, so that their sum depends on the order.
func randomLanes(rng *rand.Rand, lanes, length int) [][]float32 {
	all := make([][]float32, lanes)
	for l := range all {
		all[l] = make([]float32, length)
		for i := range all[l] {
			all[l][i] = float32(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(12)-6)))
		}
	}
	return all
}

func randomView(rng *rand.Rand, lanes, workers int) View {
	cuts := rng.Perm(lanes - 1)[:workers-1]
	v := View{Generation: 7, Lanes: lanes, Starts: []int{0}}
	mark := make([]bool, lanes+1)
	for _, c := range cuts {
		mark[c+1] = true
	}
	for l := 1; l < lanes; l++ {
		if mark[l] {
			v.Starts = append(v.Starts, l)
		}
	}
	v.Starts = append(v.Starts, lanes)
	return v
}

func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("w%d", i)
	}
	return s
}

func newGroups(t testing.TB, view View, net *MemNetwork) []*Group {
	next, prev := net.Ring(names(view.Workers()))
	groups := make([]*Group, view.Workers())
	for w := range groups {
		g, err := NewGroup(view, w, next[w], prev[w])
		if err != nil {
			t.Fatal(err)
		}
		groups[w] = g
	}
	return groups
}

func sameBits(t testing.TB, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("element %d: %x, want %x", i, got[i], want[i])
		}
	}
}

func TestGroupSmoke(t *testing.T) {
	for workers := 1; workers <= 4; workers++ {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(workers)))
			view := randomView(rng, 6, workers)
			groups := newGroups(t, view, NewMemNetwork(1))
			lanes := randomLanes(rng, 6, 1000)
			want := make([]float32, 1000)
			Fold(want, lanes)
			var wg sync.WaitGroup
			for w, g := range groups {
				wg.Go(func() {
					lo, hi := view.LanesOf(w)
					for step := range uint64(3) {
						out := make([]float32, 1000)
						p, err := g.AllReduce(step, 1, lanes[lo:hi], out)
						if err != nil {
							t.Error(err)
							return
						}
						if err := p.Wait(); err != nil {
							t.Error(err)
							return
						}
						sameBits(t, out, want)
					}
					if err := g.Barrier(3, 0); err != nil {
						t.Error(err)
					}
					g.Close()
				})
			}
			wg.Wait()
		})
	}
}
