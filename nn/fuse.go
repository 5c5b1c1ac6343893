package nn

import "slices"

// Operations are recorded as a model writes them, one by one. Before memory is
// planned, a pass over the tape joins those that are faster together, by named
// rules. A rule reads what operations are and who reads what; the layers know
// nothing of it, and whatever it does not know stays as it is recorded. Joined
// operations yield the same bits as apart.
//
// Rules of the first kind make one operation of two ([fuser.merge]). Then what
// passed between the two is no value of the tape any more, and so they leave
// alone what is kept ([Tape.Keep]) or looked at ([Tape.Observe] before Plan).
// One lets two operations change places.
// Those of the second kind let an operation form what a neighbour needs while
// it has the values in cache, or write where the neighbour would copy to. They
// change no value.

// Fusion is a rule that found its place on a tape.
type Fusion struct {
	Rule  string
	Where []string // the operations, as they were recorded: "layer1.0.bn1", "layer1.0.relu"
}

// rule joins operation i with others, and returns their names, or nil where it
// does not apply.
type rule struct {
	name   string
	apply  func(f *fuser, i int) []string
	upward bool // from the last operation to the first
}

var (
	merging = []rule{
		{name: "norm + add", apply: normAdd},
		{name: "norm + activation", apply: normActivation},
		{name: "group norm + rectifier", apply: groupRectifier},
		{name: "rectifier behind max pool", apply: poolRectifier},
	}
	sharing = []rule{
		{name: "moments in convolution", apply: convMoments},
		{name: "sums in convolution's backward", apply: convSums},
		{name: "convolution in max pool", apply: convPool},
		{name: "columns of concatenation", apply: concatColumns, upward: true},
		{name: "slice where it lies", apply: sliceColumns},
	}
)

// Fusions returns which rules joined what, after Plan or Measure.
func (t *Tape) Fusions() []Fusion { return slices.Clone(t.fusions) }

// fuser is the pass over a tape.
type fuser struct {
	*Tape
	readers map[*Node][]int // operations that read it, in order, one again for every time that it lists it
}

func (t *Tape) fuse() {
	f := &fuser{Tape: t}
	f.findReaders()
	f.run(merging)
	f.compact()
	f.findReaders()
	f.run(sharing)
}

// run applies rules one after another, each from the first operation to the last,
// or the other way.
func (f *fuser) run(rules []rule) {
	for _, r := range rules {
		for i := range f.ops {
			if r.upward {
				i = len(f.ops) - 1 - i
			}
			if f.ops[i] == nil {
				continue
			}
			if where := r.apply(f, i); where != nil {
				f.fusions = append(f.fusions, Fusion{Rule: r.name, Where: where})
			}
		}
	}
}

func (f *fuser) findReaders() {
	f.readers = map[*Node][]int{}
	for i, use := range f.uses {
		for _, x := range use.Inputs {
			f.readers[x] = append(f.readers[x], i)
		}
	}
}

// onlyReader returns the operation that alone reads x, once, where nobody else
// sees x either; or -1.
func (f *fuser) onlyReader(x *Node) int {
	if r := f.readers[x]; len(r) == 1 && !f.looking && !slices.Contains(f.kept, x) {
		return r[0]
	}
	return -1
}

// canMerge says whether operation i may be computed where j is, behind it,
// without that any sum is added up in another order: none between them reads
// what i reads, or has its weights.
func (f *fuser) canMerge(i, j int) bool {
	shared := func(other *Use) bool {
		return slices.ContainsFunc(other.Inputs, func(x *Node) bool { return slices.Contains(f.uses[i].Inputs, x) }) ||
			slices.ContainsFunc(other.Weights, func(w *Weight) bool { return slices.Contains(f.uses[i].Weights, w) })
	}
	for k := i + 1; k < j; k++ {
		if shared(&f.uses[k]) {
			return false
		}
	}
	return true
}

// merge has operation i, with a use of its own, do what it does and what j did,
// in j's place. It returns the names of both.
func (f *fuser) merge(i, j int, use Use) []string {
	where := []string{f.uses[i].Name, f.uses[j].Name}
	between := f.uses[i].Outputs[0]
	between.gone = f.uses[j].Name
	delete(f.readers, between)
	for _, x := range f.uses[i].Inputs {
		r := f.readers[x]
		r[slices.Index(r, i)] = j
		slices.Sort(r)
	}
	f.ops[j], f.uses[j] = f.ops[i], use
	f.ops[i], f.uses[i] = nil, Use{}
	for _, y := range use.Outputs {
		y.producer = j
	}
	return where
}

// compact closes the gaps that merged operations leave.
func (f *fuser) compact() {
	at := 0
	for i, op := range f.ops {
		if op == nil {
			continue
		}
		f.ops[at], f.uses[at] = op, f.uses[i]
		for _, y := range f.uses[at].Outputs {
			y.producer = at
		}
		at++
	}
	clear(f.ops[at:])
	clear(f.uses[at:])
	f.ops, f.uses = f.ops[:at], f.uses[:at]
}
