package memory

import "slices"

// mostStates bounds the search for the best order: sets of operations that may be what is done so far.
const mostStates = 20_000

// reached is a state with the least peak by which it can be reached.
type reached struct {
	state
	peak  int64
	last  int // operation that was done last
	from  *reached
	ready []int // operations whose inputs are all there
}

// best finds the order of the least peak, given that of the network's own order, which is returned where none is better. What
// is alive depends on what is done and not on the order in which it was, so of all orders to one set only the best goes on; and
// one that is no better than the network's own does not. It is nil when there are too many sets.
func (g *graph) best(own Peak) *Order {
	if g.floor() == own.Bytes {
		return &Order{own, g.ownOrder()}
	}
	level := []*reached{{state: g.begin(), last: -1, ready: g.first()}}
	states := 0
	for range g.ops {
		next, at := []*reached(nil), map[string]int{}
		for _, r := range level {
			for _, k := range r.ready {
				need, _, ends := g.effect(r.state, k)
				if need >= own.Bytes {
					continue
				}
				n := &reached{state: g.after(r.state, k, ends), peak: max(r.peak, need), last: k, from: r}
				key := n.done.key()
				if i, known := at[key]; known {
					if next[i].peak > n.peak {
						n.ready = next[i].ready
						next[i] = n
					}
					continue
				}
				n.ready = g.readyAfter(r.ready, n.done, k)
				at[key] = len(next)
				next = append(next, n)
				if states++; states > mostStates {
					return nil
				}
			}
		}
		if len(next) == 0 {
			return &Order{own, g.ownOrder()}
		}
		level = next
	}
	end := level[0]
	var order []int
	for r := end; r.last >= 0; r = r.from {
		order = append(order, r.last)
	}
	slices.Reverse(order)
	_, peak := g.moments(order)
	peak.At = order[peak.At]
	return &Order{peak, order}
}

// floor is what the greediest operation needs by itself: no order needs less.
func (g *graph) floor() (most int64) {
	for _, o := range g.ops {
		var own int64
		for _, v := range o.reads {
			own += g.values[v].Bytes
		}
		if len(o.over) == 0 {
			for _, v := range o.writes {
				own += g.values[v].Bytes
			}
		}
		most = max(most, own)
	}
	return most
}

// first are the operations that read nothing but what is given.
func (g *graph) first() (list []int) {
	for k := range g.ops {
		if g.isReady(k, nil) {
			list = append(list, k)
		}
	}
	return list
}

// readyAfter are the operations that are ready when k is done too.
func (g *graph) readyAfter(ready []int, done set, k int) (list []int) {
	for _, r := range ready {
		if r != k {
			list = append(list, r)
		}
	}
	for _, v := range g.ops[k].writes {
		for _, r := range g.readers[v] {
			if g.isReady(r, done) && !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

// isReady says whether all that operation k reads is there. Nothing is done: nil.
func (g *graph) isReady(k int, done set) bool {
	for _, v := range g.ops[k].reads {
		if w := g.writer[v]; w >= 0 && (done == nil || !done.has(w)) {
			return false
		}
	}
	return true
}

// key is the set as a key of a map.
func (s set) key() string {
	b := make([]byte, 0, 8*len(s))
	for _, word := range s {
		for i := range 8 {
			b = append(b, byte(word>>(8*i)))
		}
	}
	return string(b)
}
