package memory

// graph is the operations of a network with the values between them.
type graph struct {
	values  []Value
	given   []bool  // by value: it comes from outside, and is not written over
	last    []bool  // by value: it is what the network is for, and never ends
	writer  []int   // by value: the operation, or -1
	readers [][]int // by value: operations, each once
	ops     []operation
}

// operation is one of the network, with the functions behind it that write over its output.
type operation struct {
	name, kind    string
	reads, writes []int // values, each once
	over          []int // those among reads that it may write over
	sort          sort
	gathers       bool // a function behind it looks at several channels at once
}

// sort says what an operation does with channels.
type sort uint8

const (
	other     sort = iota
	dense          // a convolution: any channel of its output can be made alone, and any of its input be added alone
	grouped        // a convolution of groups: any channel of its output can be made alone
	byChannel      // a channel of its output needs that channel of its input: depthwise convolution, pooling, activation
)

// state is what has been done so far.
type state struct {
	done  set
	bytes int64 // of what is alive
}

func (g *graph) begin() state {
	s := state{done: make(set, (len(g.ops)+63)/64)}
	for v, given := range g.given {
		if given && len(g.readers[v]) > 0 {
			s.bytes += g.values[v].Bytes
		}
	}
	return s
}

// effect says what is alive in state s while operation k runs, the value whose place its output takes, or -1, and the values
// that end with it.
func (g *graph) effect(s state, k int) (need int64, over int, ends []int) {
	o := &g.ops[k]
	need, over = s.bytes, -1
	for _, v := range o.reads {
		if g.endsWith(s.done, v, k) {
			ends = append(ends, v)
		}
	}
	for _, v := range o.writes {
		need += g.values[v].Bytes
		if len(g.readers[v]) == 0 && !g.last[v] {
			ends = append(ends, v)
		}
	}
	for _, v := range o.over {
		if !g.given[v] && g.values[v].Bytes == g.values[o.writes[0]].Bytes && g.endsWith(s.done, v, k) {
			return need - g.values[v].Bytes, v, ends
		}
	}
	return need, over, ends
}

// endsWith says whether operation k is the last reader of value v.
func (g *graph) endsWith(done set, v, k int) bool {
	for _, r := range g.readers[v] {
		if r != k && !done.has(r) {
			return false
		}
	}
	return !g.last[v]
}

// after is the state when operation k, with which values end, is done.
func (g *graph) after(s state, k int, ends []int) state {
	next := state{done: s.done.with(k), bytes: s.bytes}
	for _, v := range g.ops[k].writes {
		next.bytes += g.values[v].Bytes
	}
	for _, v := range ends {
		next.bytes -= g.values[v].Bytes
	}
	return next
}

// ownOrder is that in which the network was recorded.
func (g *graph) ownOrder() []int {
	order := make([]int, len(g.ops))
	for i := range order {
		order[i] = i
	}
	return order
}

// set is a set of operations, a bit for each.
type set []uint64

func (s set) has(k int) bool { return s[k/64]>>(k%64)&1 != 0 }

func (s set) with(k int) set {
	t := append(set(nil), s...)
	t[k/64] |= 1 << (k % 64)
	return t
}
