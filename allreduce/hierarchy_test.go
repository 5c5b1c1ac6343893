package allreduce

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// hierarchy is the order of additions of a ring of rings, as docs/architecture.md designs it: the lanes of a group are
// added first, then the groups. It is a simulation; no run has it.
type hierarchy struct {
	group int // lanes in a group; divides the lanes of the run
	add   func(a, b float32) float32
}

// fold is the plain loop that says what the order is. Chunk q·G+p begins in every group at its lane p, and with group q.
func (h hierarchy) fold(out []float32, lanes [][]float32) {
	groups := len(lanes) / h.group
	for c := range lanes {
		q, p := c/h.group, c%h.group
		for i, hi := chunkRange(len(out), len(lanes), c); i < hi; i++ {
			for g := range groups {
				k := (q + g) % groups * h.group
				sum := lanes[k+p][i]
				for l := 1; l < h.group; l++ {
					sum = h.add(sum, lanes[k+(p+l)%h.group][i])
				}
				if g == 0 {
					out[i] = sum
				} else {
					out[i] = h.add(out[i], sum)
				}
			}
		}
	}
}

// partial is a sum on its way: where it is, and the hops that it has waited for.
type partial struct {
	sum  float32
	at   int
	hops int
}

// to is the partial at another worker.
func (p partial) to(worker int) partial {
	if p.at != worker {
		p.at, p.hops = worker, p.hops+1
	}
	return p
}

// inner is number i of chunk c summed over a group, from worker to worker. Nobody reads a lane but its owner.
func (h hierarchy) inner(view View, lanes [][]float32, c, group, i int) partial {
	lane := func(l int) int { return group*h.group + (c+l)%h.group }
	p := partial{sum: lanes[lane(0)][i], at: view.Owner(lane(0))}
	for l := 1; l < h.group; l++ {
		p = p.to(view.Owner(lane(l)))
		p.sum = h.add(p.sum, lanes[lane(l)][i])
	}
	return p
}

// outer is the sum over all groups, where the last group's part was finished. A partial that finds a group's sum
// unfinished waits for it.
func (h hierarchy) outer(view View, lanes [][]float32, c, i int) partial {
	groups := view.Lanes / h.group
	p := h.inner(view, lanes, c, c/h.group, i)
	for g := 1; g < groups; g++ {
		own := h.inner(view, lanes, c, (c/h.group+g)%groups, i)
		p = p.to(own.at)
		p.sum, p.hops = h.add(p.sum, own.sum), max(p.hops, own.hops)
	}
	return p
}

// wayHome is the most hops that a finished number of chunk c takes to all workers: over the groups, then within each.
func (h hierarchy) wayHome(view View, c, at int) int {
	groups, most := view.Lanes/h.group, 0
	p := partial{at: at}
	for g := range groups {
		group := (c/h.group + groups - 1 + g) % groups // from the one that finished it
		lane := func(l int) int { return group*h.group + (c+h.group-1+l)%h.group }
		p = p.to(view.Owner(lane(0)))
		inside := p
		for l := 1; l < h.group; l++ {
			inside = inside.to(view.Owner(lane(l)))
		}
		most = max(most, inside.hops)
	}
	return most
}

// TestHierarchyBits: the sums of a ring of rings follow from the lanes and their groups alone, however the lanes lie on
// workers, within a group, across groups or whole groups on one.
func TestHierarchyBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := rapid.IntRange(1, 6).Draw(t, "group")
		count := group * rapid.IntRange(1, 6).Draw(t, "groups")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		view := randomView(rng, count, 1+rng.IntN(count))
		lanes := randomLanes(rng, count, 2*count+1)
		h := hierarchy{group: group, add: addOn(Wire(rng.IntN(2)))}
		want := make([]float32, len(lanes[0]))
		h.fold(want, lanes)
		for c := range count {
			for i, hi := chunkRange(len(want), count, c); i < hi; i++ {
				if got := h.outer(view, lanes, c, i).sum; math.Float32bits(got) != math.Float32bits(want[i]) {
					t.Fatalf("%v in groups of %d: number %d is %x, want %x", view, group, i, got, want[i])
				}
			}
		}
	})
}

// addOn is one addition on a wire.
func addOn(w Wire) func(a, b float32) float32 {
	if w == BFloat16 {
		return func(a, b float32) float32 { return roundOne(roundOne(a) + roundOne(b)) }
	}
	return func(a, b float32) float32 { return a + b }
}

// TestHierarchyIsNotFlat: of all groupings only single lanes and one group of all keep the bits of the flat ring: a fold
// from the left has no parts that could be added for themselves.
func TestHierarchyIsNotFlat(t *testing.T) {
	const count = 12
	lanes := randomLanes(rand.New(rand.NewPCG(7, 7)), count, 600)
	flat, got := make([]float32, 600), make([]float32, 600)
	Fold(flat, lanes)
	for group := 1; group <= count; group++ {
		if count%group != 0 {
			continue
		}
		hierarchy{group, addOn(Float32)}.fold(got, lanes)
		differ := 0
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(flat[i]) {
				differ++
			}
		}
		if same := group == 1 || group == count; same != (differ == 0) {
			t.Errorf("groups of %d: %d of 600 numbers differ from the flat ring's", group, differ)
		}
	}
}

// TestHierarchyHops counts the hops that the last number waits for, a lane on each worker.
func TestHierarchyHops(t *testing.T) {
	for _, c := range []struct{ workers, group, hops int }{
		{128, 128, 254}, {128, 16, 44}, {128, 8, 44}, {1024, 1024, 2046}, {1024, 32, 124},
	} {
		view, err := EvenView(1, c.workers, c.workers)
		if err != nil {
			t.Fatal(err)
		}
		lanes := make([][]float32, c.workers)
		for l := range lanes {
			lanes[l] = []float32{1}
		}
		h, most := hierarchy{c.group, addOn(Float32)}, 0
		for chunk := range c.workers {
			p := h.outer(view, lanes, chunk, 0)
			if p.sum != float32(c.workers) {
				t.Fatalf("%d workers: %v", c.workers, p.sum)
			}
			most = max(most, p.hops+h.wayHome(view, chunk, p.at))
		}
		if most != c.hops {
			t.Errorf("%d workers in groups of %d: %d hops, want %d", c.workers, c.group, most, c.hops)
		}
	}
}
