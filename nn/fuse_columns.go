package nn

import "slices"

// columns says where a value or a gradient lies if it has no memory of its own:
// in another node's, from column at on. That one may lie in a third.
type columns struct {
	of *Node
	at int
}

// root returns the node in whose memory n's value lies, and from which column on.
func (n *Node) root() (of *Node, at int) {
	for of = n; of.valueIn.of != nil; of = of.valueIn.of {
		at += of.valueIn.at
	}
	return of, at
}

// memory returns the buffer that n's value lies in.
func (n *Node) memory() *Buffer {
	of, _ := n.root()
	return of.value
}

// gradRoot returns the node in whose memory n's gradient lies.
func (n *Node) gradRoot() *Node {
	for n.gradIn.of != nil {
		n = n.gradIn.of
	}
	return n
}

// liesIn says whether n's value is that of m from column at on, by where it lies.
func (n *Node) liesIn(m *Node, at int) bool {
	a, i := n.root()
	b, j := m.root()
	return a == b && i == j+at
}

// concatColumns has what a concatenation joins written where it is to be: an
// input becomes columns of the result, if whoever writes and reads it takes rows
// that lie apart. A concatenation of what lies side by side in a later one
// becomes columns of that. It returns those that are not copied, and the
// concatenation.
func concatColumns(f *fuser, i int) (where []string) {
	o, ok := f.ops[i].(*concat)
	if !ok || f.apart {
		return nil
	}
	if f.sideBySide(o.xs) && f.valueMayLieApart(o.y) {
		o.y.valueIn = o.xs[0].valueIn
	}
	at := 0
	for _, x := range o.xs {
		if x.valueIn.of == nil && f.valueMayLieApart(x) && f.readsOnce(i, x) {
			x.valueIn = columns{o.y, at}
		}
		if x.gradIn.of == nil && f.gradMayLieApart(x, i) && f.readsOnce(i, x) {
			x.gradIn = columns{o.y, at}
		}
		if x.liesIn(o.y, at) {
			where = append(where, f.uses[x.producer].Name)
		}
		at += x.Cols
	}
	if where == nil {
		return nil
	}
	return append(where, f.uses[i].Name)
}

// sliceColumns has a slice that is read by operations that take rows that lie
// apart stay where it is.
func sliceColumns(f *fuser, i int) []string {
	o, ok := f.ops[i].(*columnSlice)
	if !ok || f.apart || o.y.valueIn.of != nil || !f.valueMayLieApart(o.y) {
		return nil
	}
	o.y.valueIn = columns{o.x, o.from}
	return []string{f.uses[i].Name}
}

// sideBySide says whether nodes are columns of another, one next to the other.
func (f *fuser) sideBySide(xs []*Node) bool {
	next := xs[0].valueIn
	for _, x := range xs {
		if x.valueIn.of == nil || x.valueIn != next {
			return false
		}
		next.at += x.Cols
	}
	return true
}

// readsOnce says that operation i reads x, and not twice.
func (f *fuser) readsOnce(i int, x *Node) bool {
	at := slices.Index(f.readers[x], i)
	return at+1 == len(f.readers[x]) || f.readers[x][at+1] != i
}

// takeApart says that whoever writes or reads x takes rows that lie apart.
func (f *fuser) takeApart(x *Node) bool {
	if x.producer < 0 || !f.uses[x.producer].Strided {
		return false
	}
	for _, i := range f.readers[x] {
		if !f.uses[i].Strided {
			return false
		}
	}
	return true
}

// valueMayLieApart says that x's rows may lie apart. Nobody outside reads them.
func (f *fuser) valueMayLieApart(x *Node) bool { return !slices.Contains(f.kept, x) && f.takeApart(x) }

// gradMayLieApart says that the gradient of x may be columns of that of
// concatenation i: all others who add to it do so after it, in the same order as
// to a copy.
func (f *fuser) gradMayLieApart(x *Node, i int) bool {
	return x.needsGrad && f.takeApart(x) && f.readers[x][len(f.readers[x])-1] == i
}
