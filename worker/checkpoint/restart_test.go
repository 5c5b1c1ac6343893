package checkpoint

import (
	"bytes"
	"maps"
	"slices"
)

// fate is what a crash makes of file data that were not synced.
type fate int

const (
	lost fate = iota
	kept
	torn // the first half is there, the rest are zeros
)

// pending is the number of changes of names that are not durable.
func (m *memFS) pending() int {
	total := 0
	m.root.walk(func(n *node) { total += len(n.pending) })
	return total
}

// walk visits every node that a crash may bring back, each once.
func (n *node) walk(visit func(*node)) {
	seen := map[*node]bool{}
	var rec func(*node)
	rec = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		visit(n)
		for _, names := range []map[string]*node{n.stable, n.names} {
			for _, name := range slices.Sorted(maps.Keys(names)) {
				rec(names[name])
			}
		}
	}
	rec(n)
}

// restart is the file system after a crash: of the pending changes those with keep are there, and unsynced
// data have had their fate.
func (m *memFS) restart(keep func(i int) bool, data fate) *memFS {
	after := map[*node]*node{} // each node as it comes back
	kept := map[*node][]change{}
	i := 0
	m.root.walk(func(n *node) {
		after[n] = &node{}
		for _, c := range n.pending {
			if keep(i) {
				kept[n] = append(kept[n], c)
			}
			i++
		}
	})
	for n, a := range after {
		if n.names == nil {
			a.data = n.survive(data)
			a.synced = bytes.Clone(a.data)
			continue
		}
		names := maps.Clone(n.stable)
		for _, c := range kept[n] {
			c(names)
		}
		a.names = map[string]*node{}
		for name, child := range names {
			a.names[name] = after[child]
		}
		a.stable = maps.Clone(a.names)
	}
	return &memFS{root: after[m.root]}
}

// survive is what is left of a file's data.
func (n *node) survive(f fate) []byte {
	switch {
	case f == lost:
		return bytes.Clone(n.synced)
	case f == torn && !bytes.Equal(n.data, n.synced):
		half := make([]byte, len(n.data))
		copy(half, n.data[:len(n.data)/2])
		return half
	}
	return bytes.Clone(n.data)
}

// subsets gives the sets of n changes that crashes are tried with: all of them where they are few, else
// each beginning, and each set that lacks one.
func subsets(n int) []func(int) bool {
	var sets []func(int) bool
	if n <= 6 {
		for mask := range 1 << n {
			sets = append(sets, func(i int) bool { return mask>>i&1 == 1 })
		}
		return sets
	}
	for k := range n + 1 {
		sets = append(sets, func(i int) bool { return i < k }, func(i int) bool { return i != k })
	}
	return sets
}
