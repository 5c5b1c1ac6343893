package memory

import (
	"math"
	"slices"
)

// Fused is the plan in which runs of convolutions are computed channel by channel, in the network's order.
type Fused struct {
	Peak       // At is the first operation of the run
	Runs []Run `json:"runs"` // all operations are in one
}

// Run are operations that are computed together, From to To.
type Run struct {
	From  int   `json:"from"`
	To    int   `json:"to"`
	Bytes int64 `json:"bytes"` // alive meanwhile
}

// fuse finds the runs of which the greediest needs least, and all together the least.
//
// A run begins with a convolution of which one channel can be made alone, goes on with operations that need a channel of
// their input for one of their output, and ends with a convolution that adds what that channel is to each of its own:
// A·N·B of section 5 of Sandler et al. (2018). Of what is between, one channel is there at a time. A run that begins with a
// depthwise convolution needs no B. Nothing is computed twice.
func (g *graph) fuse() Fused {
	runs := g.runs()
	most := bestRuns(len(g.ops), runs, func(sum, run int64, _ int) int64 { return max(sum, run) })
	limit := int64(0)
	for _, r := range most {
		limit = max(limit, r.Bytes)
	}
	var within []Run
	for _, r := range runs {
		if r.Bytes <= limit {
			within = append(within, r)
		}
	}
	f := Fused{Runs: bestRuns(len(g.ops), within, func(sum, run int64, length int) int64 { return sum + run*int64(length) })}
	for _, r := range f.Runs {
		if r.Bytes > f.Bytes {
			f.Peak = Peak{r.Bytes, r.From}
		}
	}
	return f
}

// bestRuns cuts n operations into runs of the least cost, which add tells of that so far and of one more run.
func bestRuns(n int, runs []Run, add func(sum, run int64, length int) int64) (cut []Run) {
	cost, by := make([]int64, n+1), make([]Run, n+1)
	for i := range cost[1:] {
		cost[i+1] = math.MaxInt64
	}
	for _, r := range runs { // by their ends
		if c := add(cost[r.From], r.Bytes, r.To-r.From+1); cost[r.From] < math.MaxInt64 && c < cost[r.To+1] {
			cost[r.To+1], by[r.To+1] = c, r
		}
	}
	for end := n; end > 0; end = by[end].From {
		cut = append(cut, by[end])
	}
	slices.Reverse(cut)
	return cut
}

// runs are all that can be, ordered by their ends: every operation by itself, and longer ones.
func (g *graph) runs() (list []Run) {
	before := []state{g.begin()}
	for k := range g.ops {
		s := before[k]
		need, _, ends := g.effect(s, k)
		list = append(list, Run{k, k, need})
		before = append(before, g.after(s, k, ends))
		if g.ops[k].sort != dense {
			continue
		}
		inner := int64(0)
		for i := k - 1; i >= 0 && g.feeds(i, i+1); i-- {
			v := g.values[g.ops[i].writes[0]]
			inner += v.Bytes / int64(max(1, v.Shape[0]))
			list = append(list, g.run(before, i, k, inner))
			if g.ops[i].sort != byChannel {
				break
			}
		}
	}
	return list
}

// run is one whose inner values take so many bytes.
func (g *graph) run(before []state, from, to int, inner int64) Run {
	bytes := before[from].bytes + inner
	for _, v := range g.ops[to].writes {
		bytes += g.values[v].Bytes
	}
	return Run{from, to, bytes}
}

// feeds says whether operation i makes images that operation j alone reads, and can make them a channel at a time.
func (g *graph) feeds(i, j int) bool {
	o := &g.ops[i]
	if o.sort == other || o.gathers || len(o.writes) != 1 || len(g.ops[j].reads) != 1 {
		return false
	}
	v := o.writes[0]
	return g.ops[j].reads[0] == v && len(g.readers[v]) == 1 && !g.last[v] && len(g.values[v].Shape) == 3
}
