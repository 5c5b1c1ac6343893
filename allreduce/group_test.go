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
			// A sign and 23 random bits times a power of two from 2^-20 to 2^11.
			r := rng.Uint64()
			all[l][i] = float32(int32(r)>>8) * float32(uint64(1)<<(r>>59)) / (1 << 43)
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

// withSegments makes segments so short that a small test has several.
func withSegments(segment, window int) Option {
	return func(o *options) { o.segment, o.window = segment, window }
}

func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("w%d", i)
	}
	return s
}

func newGroups(t testing.TB, view View, net *MemNetwork, opts ...Option) []*Group {
	next, prev := net.Ring(names(view.Workers()))
	groups := make([]*Group, view.Workers())
	for w := range groups {
		g, err := NewGroup(view, w, next[w], prev[w], opts...)
		if err != nil {
			t.Fatal(err)
		}
		groups[w] = g
	}
	return groups
}

func sameBits(t tester, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Errorf("element %d: %x, want %x", i, got[i], want[i])
			return
		}
	}
}

// everywhere calls f for each worker of a ring at once and waits for all.
func everywhere(groups []*Group, f func(w int, g *Group)) {
	var wg sync.WaitGroup
	for w, g := range groups {
		wg.Go(func() { f(w, g) })
	}
	wg.Wait()
}

// aStep is what every worker does in a test: three buckets begun in an order of
// its own, a gather beside them, and everything checked against the plain fold.
type aStep struct {
	view  View
	step  uint64
	lanes [3][][]float32 // by bucket
	want  [3][]float32
}

func newStep(rng *rand.Rand, view View, step uint64, length int) *aStep {
	return newStepIn(Float32, rng, view, step, length)
}

func newStepIn(wire Wire, rng *rand.Rand, view View, step uint64, length int) *aStep {
	s := &aStep{view: view, step: step}
	for b := range s.lanes {
		s.lanes[b] = randomLanes(rng, view.Lanes, length)
		s.want[b] = make([]float32, length)
		fold(wire)(s.want[b], s.lanes[b])
	}
	return s
}

func (s *aStep) run(t testing.TB, g *Group) {
	lo, hi := s.view.LanesOf(g.Self())
	rng := rand.New(rand.NewPCG(s.step, uint64(g.Self())))
	var pending [3]*Pending
	var outs [3][]float32
	for _, b := range rng.Perm(3) {
		outs[b] = make([]float32, len(s.want[b]))
		p, err := g.AllReduce(s.step, uint32(b), s.lanes[b][lo:hi], outs[b])
		if err != nil {
			t.Errorf("worker %d: %v", g.Self(), err)
			return
		}
		pending[b] = p
	}
	own, all := make([][]float64, hi-lo), make([][]float64, s.view.Lanes)
	for l := range all {
		all[l] = make([]float64, 2)
		if lo <= l && l < hi {
			own[l-lo] = []float64{float64(l), math.Sqrt(float64(s.step) + float64(l))}
		}
	}
	if err := g.Gather(s.step, 9, own, all); err != nil {
		t.Errorf("worker %d: %v", g.Self(), err)
		return
	}
	for l, v := range all {
		if v[0] != float64(l) || v[1] != math.Sqrt(float64(s.step)+float64(l)) {
			t.Errorf("worker %d: lane %d gathered %v", g.Self(), l, v)
		}
	}
	for _, b := range rng.Perm(3) {
		if err := pending[b].Wait(); err != nil {
			t.Errorf("worker %d: %v", g.Self(), err)
			return
		}
		sameBits(t, outs[b], s.want[b])
	}
}

// playRing lets a ring do two steps and leave. turn is called while the workers
// are at it, and moves the network's frames if it does not do so itself.
func playRing(t *testing.T, rng *rand.Rand, view View, length int, net *MemNetwork, turn func()) {
	wire := Wire(rng.IntN(2))
	groups := newGroups(t, view, net, WithWire(wire), withSegments(1+rng.IntN(50), 100))
	steps := []*aStep{newStepIn(wire, rng, view, 4, length), newStepIn(wire, rng, view, 5, length)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		everywhere(groups, func(w int, g *Group) {
			for _, s := range steps {
				s.run(t, g)
			}
			data, err := g.Broadcast(6, 1, view.Workers()-1, []byte{byte(w)})
			if err != nil || len(data) != 1 || data[0] != byte(view.Workers()-1) {
				t.Errorf("worker %d: broadcast %v, %v", w, data, err)
			}
			if err := g.Barrier(6, 1); err != nil {
				t.Errorf("worker %d: %v", w, err)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
	}()
	turn()
	<-done
}

// Links in memory that hold one frame only: nobody may wait for its own sender.
func TestGroupInMemory(t *testing.T) {
	product(t, func(t *testing.T, rng *rand.Rand, view View, length int) {
		synctest.Test(t, func(t *testing.T) {
			playRing(t, rng, view, length, NewMemNetwork(1), func() {})
		})
	})
}

// Frames that are late and overtake one another, in an order that the seed gives.
func TestGroupShuffled(t *testing.T) {
	product(t, func(t *testing.T, rng *rand.Rand, view View, length int) {
		if length > view.Lanes {
			return // the order of frames does not depend on their length
		}
		synctest.Test(t, func(t *testing.T) {
			net := NewShuffledNetwork(rng.Uint64(), 0)
			playRing(t, rng, view, length, net, func() {
				for synctest.Wait(); net.Deliver(); synctest.Wait() {
				}
			})
		})
	})
}
