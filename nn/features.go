package nn

// Features returns what a network makes of its input before its last layer weighs it: the input of the last operation
// with weights on the way to out, taking the first input of those without. It is nil where there is none.
func (t *Tape) Features(out *Node) *Node {
	for out.producer >= 0 && out.producer < len(t.uses) {
		use := &t.uses[out.producer]
		if len(use.Inputs) == 0 {
			return nil
		}
		if len(use.Weights) > 0 {
			return use.Inputs[0]
		}
		out = use.Inputs[0]
	}
	return nil
}
