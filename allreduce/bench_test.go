package allreduce

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// BenchmarkGroup sums one bucket over two workers of four lanes. B/s counts the
// bucket's bytes.
func BenchmarkGroup(b *testing.B) {
	config := newAuthority(b).config(b)
	for which, name := range []string{"unix", "tls"} {
		for _, mib := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%dMiB", name, mib), func(b *testing.B) {
				view, _ := EvenView(1, 4, 2)
				groups := socketGroups(b, view, config, which)
				benchmarkSums(b, groups, mib<<18)
			})
		}
	}
}

// BenchmarkGroupSmall is the time of a bucket of 1 KiB: two hops each way.
func BenchmarkGroupSmall(b *testing.B) {
	view, _ := EvenView(1, 4, 2)
	benchmarkSums(b, socketGroups(b, view, newAuthority(b).config(b), 0), 256)
}

func benchmarkSums(b *testing.B, groups []*Group, length int) {
	view := groups[0].View()
	lanes := randomLanes(rand.New(rand.NewPCG(1, 1)), view.Lanes, length)
	b.SetBytes(int64(4 * length))
	b.ReportAllocs()
	b.ResetTimer()
	everywhere(groups, func(w int, g *Group) {
		lo, hi := view.LanesOf(w)
		out := make([]float32, length)
		for step := range b.N {
			p, err := g.AllReduce(uint64(step), 0, lanes[lo:hi], out)
			if err == nil {
				err = p.Wait()
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	everywhere(groups, func(_ int, g *Group) { g.Close() })
}

// BenchmarkFold is the sum of 8 lanes of 4 MiB on one worker.
func BenchmarkFold(b *testing.B) {
	view, _ := EvenView(1, 8, 1)
	g, err := NewGroup(view, 0, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkSums(b, []*Group{g}, 1<<20)
}

// A steady step allocates nothing: what a call returns is used again, too.
func TestGroupAllocations(t *testing.T) {
	if raceEnabled {
		return // the race detector's pools drop what they are given
	}
	view, _ := EvenView(1, 4, 2)
	groups := newGroups(t, view, NewMemNetwork(0))
	const length = 10_000
	lanes := make2(4, length)
	outs := make2(2, length)
	own, all := make([][][]float64, 2), make([][][]float64, 2)
	for w := range own {
		own[w], all[w] = [][]float64{{1}, {2}}, [][]float64{{0}, {0}, {0}, {0}}
	}
	step := uint64(0)
	turn := func(w int) {
		for bucket := range uint32(3) {
			p, err := groups[w].AllReduce(step, bucket, lanes[2*w:2*w+2], outs[w])
			if err == nil {
				err = p.Wait()
			}
			if err == nil {
				err = groups[w].Gather(step, bucket, own[w], all[w])
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	var wg sync.WaitGroup
	got := testing.AllocsPerRun(200, func() {
		step++
		wg.Add(1)
		go func() {
			defer wg.Done()
			turn(1)
		}()
		turn(0)
		wg.Wait()
	})
	// The goroutine of this test.
	if got > 2 {
		t.Errorf("%v allocations a step, want at most 2", got)
	}
	everywhere(groups, func(_ int, g *Group) { g.Close() })
}

// BenchmarkGather brings two numbers of each of 256 channels, of 8 lanes, to four workers: what a batch norm waits for.
func BenchmarkGather(b *testing.B) {
	view, _ := EvenView(1, 8, 4)
	groups := socketGroups(b, view, newAuthority(b).config(b), 0)
	b.ReportAllocs()
	b.ResetTimer()
	everywhere(groups, func(w int, g *Group) {
		own, all := vectors(2, 512), vectors(8, 512)
		for i := range b.N {
			if err := g.Gather(uint64(i/40), uint32(i%40), own, all); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	everywhere(groups, func(_ int, g *Group) { g.Close() })
}

func vectors(n, width int) [][]float64 {
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, width)
	}
	return v
}
