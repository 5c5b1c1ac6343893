package memory

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomGraph is a network of n operations, each of which reads what is there already: the larger back, the further back.
func randomGraph(r *rand.Rand, n int, back float64) *graph {
	g := &graph{}
	value := func(writer int) int {
		g.values = append(g.values, Value{Shape: []int{1 + r.IntN(4), 1, 1}, Bytes: int64(1 + r.IntN(9))})
		g.given, g.last, g.writer = append(g.given, writer < 0), append(g.last, false), append(g.writer, writer)
		g.readers = append(g.readers, nil)
		return len(g.values) - 1
	}
	value(-1)
	for k := range n {
		o := operation{sort: sort(r.IntN(4)), gathers: r.IntN(8) == 0}
		for range 1 + r.IntN(4)/3*int(back+0.5) {
			v := len(g.values) - 1 - min(len(g.values)-1, int(r.ExpFloat64()*back))
			if !slices.Contains(o.reads, v) {
				o.reads = append(o.reads, v)
				g.readers[v] = append(g.readers[v], k)
			}
		}
		for range 1 + r.IntN(8)/7 {
			o.writes = append(o.writes, value(k))
		}
		if r.IntN(3) == 0 {
			o.over = o.reads
		}
		g.ops = append(g.ops, o)
	}
	g.last[len(g.last)-1] = true
	return g
}

// needsOf is what each operation of an order needs, by the places of writers and readers in it.
func needsOf(g *graph, order []int) (needs []int64) {
	place := map[int]int{}
	for i, k := range order {
		place[k] = i
	}
	born := func(v int) int {
		if g.writer[v] < 0 {
			return -1
		}
		return place[g.writer[v]]
	}
	dies := func(v int) int {
		end := born(v)
		for _, k := range g.readers[v] {
			end = max(end, place[k])
		}
		if g.last[v] {
			return math.MaxInt
		}
		return end
	}
	for i, k := range order {
		need := int64(0)
		for v := range g.values {
			if born(v) <= i && dies(v) >= i {
				need += g.values[v].Bytes
			}
		}
		for _, v := range g.ops[k].over {
			if first := g.ops[k].writes[0]; born(v) >= 0 && dies(v) == i && g.values[v].Bytes == g.values[first].Bytes {
				need -= g.values[v].Bytes
				break
			}
		}
		needs = append(needs, need)
	}
	return needs
}

// eachOrder calls f with every order in which inputs come before what reads them.
func eachOrder(g *graph, order []int, f func([]int)) {
	if len(order) == len(g.ops) {
		f(order)
		return
	}
	for k, o := range g.ops {
		ready := !slices.Contains(order, k)
		for _, v := range o.reads {
			ready = ready && (g.writer[v] < 0 || slices.Contains(order, g.writer[v]))
		}
		if ready {
			eachOrder(g, append(order, k), f)
		}
	}
}

// TestBest holds the search against all orders of small networks, counted another way.
func TestBest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	better := 0
	for range 400 {
		g := randomGraph(r, 1+r.IntN(7), 1.2)
		moments, own := g.moments(g.ownOrder())
		for i, need := range needsOf(g, g.ownOrder()) {
			if need != moments[i].Bytes {
				t.Fatalf("operation %d of %+v needs %d, want %d", i, g, moments[i].Bytes, need)
			}
		}
		least := int64(math.MaxInt64)
		eachOrder(g, nil, func(order []int) { least = min(least, slices.Max(needsOf(g, order))) })
		best := g.best(own)
		if best == nil || best.Bytes != least || slices.Max(needsOf(g, best.Order)) != least {
			t.Fatalf("the best of %+v is %+v, want %d", g, best, least)
		}
		if least < own.Bytes {
			better++
		}
	}
	if better < 20 {
		t.Errorf("another order is better for %d networks only", better)
	}
}

// TestTooMany wants no search without end: 24 branches have 2^24 sets and more.
func TestTooMany(t *testing.T) {
	g := &graph{}
	value := func(writer int, bytes int64) {
		g.values = append(g.values, Value{Bytes: bytes})
		g.given, g.last, g.writer, g.readers = append(g.given, writer < 0), append(g.last, false), append(g.writer, writer), append(g.readers, nil)
	}
	value(-1, 1)
	join := operation{}
	for k := range 24 {
		value(k, int64(10+k))
		g.ops = append(g.ops, operation{reads: []int{0}, writes: []int{k + 1}})
		g.readers[0], g.readers[k+1] = append(g.readers[0], k), []int{24}
		join.reads = append(join.reads, k+1)
	}
	value(24, 1)
	join.writes = []int{25}
	g.ops = append(g.ops, join)
	_, own := g.moments(g.ownOrder())
	if g.best(own) == nil { // the join by itself needs all
		t.Error("an order that cannot be better was searched for")
	}
	if best := g.best(Peak{Bytes: own.Bytes + 1}); best != nil {
		t.Errorf("%+v of too many orders", best)
	}
}

// TestFuse holds the runs against all ways to cut small networks into runs.
func TestFuse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	joined := 0
	for range 4000 {
		n := 1 + r.IntN(8)
		g := randomGraph(r, n, 0.3)
		needs := needsOf(g, g.ownOrder())
		best, bestSum := int64(math.MaxInt64), int64(0)
		for cuts := range 1 << (n - 1) {
			most, sum, from := int64(0), int64(0), 0
			for k := range n {
				if k < n-1 && cuts>>k&1 == 0 {
					continue
				}
				need, can := runNeeds(g, from, k, needs)
				if !can {
					most = math.MaxInt64
					break
				}
				most, sum, from = max(most, need), sum+need*int64(k-from+1), k+1
			}
			if most < best || most == best && sum < bestSum {
				best, bestSum = most, sum
			}
		}
		f := g.fuse()
		sum := int64(0)
		for _, run := range f.Runs {
			sum += run.Bytes * int64(run.To-run.From+1)
			joined += run.To - run.From
		}
		if f.Bytes != best || sum != bestSum {
			t.Fatalf("%+v: runs %+v need %d, together %d; want %d, %d", g, f.Runs, f.Bytes, sum, best, bestSum)
		}
	}
	if joined < 300 {
		t.Errorf("only %d operations were joined", joined)
	}
}

// runNeeds is what operations from to need as one, if they can be one.
func runNeeds(g *graph, from, to int, needs []int64) (need int64, can bool) {
	if from == to {
		return needs[from], true
	}
	for k := from; k < to; k++ {
		o := &g.ops[k]
		v := o.writes[0]
		if len(o.writes) != 1 || len(g.readers[v]) != 1 || g.last[v] || !slices.Equal(g.ops[k+1].reads, []int{v}) || o.gathers {
			return 0, false
		}
		if k > from && o.sort != byChannel || k == from && o.sort == other {
			return 0, false
		}
		need += g.values[v].Bytes / int64(g.values[v].Shape[0])
	}
	for v := range g.values {
		before := g.writer[v] < from
		later := g.last[v] || slices.ContainsFunc(g.readers[v], func(k int) bool { return k >= from })
		if before && later || g.writer[v] == to {
			need += g.values[v].Bytes
		}
	}
	return need, g.ops[to].sort == dense
}
