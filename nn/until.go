package nn

import "slices"

// reached is what ends the recording of a tape at a node.
type reached struct {
	tape *Tape
	at   *Node
}

// RecordUntil calls record, which records a network or a part of one, up to the first operation of a name, and returns what that
// one yields, or nil where none has the name. Nothing behind it is recorded.
func (t *Tape) RecordUntil(name string, record func()) (at *Node) {
	before := t.until
	t.until = name
	defer func() {
		t.until = before
		switch r := recover().(type) {
		case nil:
		case reached:
			if r.tape != t {
				panic(r)
			}
			at = r.at
		default:
			panic(r)
		}
	}()
	record()
	return nil
}

// Beside returns, in order, the names of the recorded operations that a node does not depend on: what a network does beside it.
func (t *Tape) Beside(at *Node) (names []string) {
	needed := map[*Node]bool{at: true}
	for i := len(t.uses) - 1; i >= 0; i-- {
		use := t.uses[i]
		if !slices.ContainsFunc(use.Outputs, func(n *Node) bool { return needed[n] }) {
			names = append(names, use.Name)
			continue
		}
		for _, n := range use.Inputs {
			needed[n] = true
		}
	}
	slices.Reverse(names)
	return names
}
