package nn

import (
	"fmt"
	"slices"
)

// Record appends an operation. It panics when the tape is planned already, and
// when what use says cannot be.
func (t *Tape) Record(op Operation, use Use) {
	t.check(&use)
	needs := t.inner != nil || slices.ContainsFunc(use.Weights, (*Weight).NeedsGrad)
	for _, n := range use.Inputs {
		needs = needs || n.needsGrad
	}
	for _, n := range use.Outputs {
		n.producer = len(t.ops)
		n.needsGrad = needs && t.Mode == Training
	}
	for _, w := range use.Weights {
		w.uses++
	}
	t.ops = append(t.ops, op)
	t.uses = append(t.uses, use)
	if t.until != "" && use.Name == t.until && len(use.Outputs) > 0 {
		panic(reached{t, use.Outputs[0]})
	}
}

// check panics when an operation cannot be recorded.
func (t *Tape) check(use *Use) {
	refuse := func(format string, args ...any) {
		panic(fmt.Sprintf("nn: %s %s", use.Name, fmt.Sprintf(format, args...)))
	}
	if t.planned {
		refuse("recorded after Plan")
	}
	for i, n := range use.Inputs {
		switch {
		case n == nil || n.tape != t:
			refuse("reads an activation that is not of this tape (input %d)", i)
		case n.producer == notYet:
			refuse("reads an activation of %dx%d that no operation has written yet (input %d)", n.Rows, n.Cols, i)
		}
	}
	for i, n := range use.Outputs {
		switch {
		case n == nil || n.tape != t:
			refuse("writes an activation that is not of this tape (output %d)", i)
		case n.producer == given:
			refuse("writes over an input of the network (output %d)", i)
		case n.producer != notYet:
			refuse("writes an activation that %s writes (output %d)", t.uses[n.producer].Name, i)
		case slices.Contains(use.Outputs[:i], n):
			refuse("writes one activation twice (output %d)", i)
		}
	}
	for i, n := range use.Keep {
		if !slices.Contains(use.Inputs, n) && !slices.Contains(use.Outputs, n) {
			refuse("keeps an activation that it neither reads nor writes (Use.Keep, %d)", i)
		}
	}
	t.checkBuffers(use, refuse)
	if use.InPlace {
		t.checkInPlace(use, refuse)
	}
	for _, w := range use.Weights {
		if w == nil || w.tape != t {
			refuse("uses a weight that is not of this tape")
		}
	}
}

// checkBuffers panics when memory of its own is not the tape's, or serves twice.
func (t *Tape) checkBuffers(use *Use, refuse func(format string, args ...any)) {
	for i, b := range slices.Concat(use.Saved, use.Scratch) {
		switch {
		case b == nil || b.tape != t:
			refuse("has a buffer that is not of this tape (Use.Saved and Use.Scratch, %d)", i)
		case i >= len(use.Saved) && slices.Contains(use.Saved, b):
			refuse("has one buffer among Use.Saved and Use.Scratch: what is saved would be written over")
		}
	}
}

// checkInPlace panics when no gradient can take the place of another.
func (t *Tape) checkInPlace(use *Use, refuse func(format string, args ...any)) {
	switch {
	case !use.Sets:
		refuse("has Use.InPlace without Use.Sets: the gradient would be cleared in the place of the one it is formed from")
	case len(use.Inputs) == 0 || len(use.Outputs) == 0:
		refuse("has Use.InPlace, but no input or no output")
	case use.Inputs[0].Rows != use.Outputs[0].Rows || use.Inputs[0].Cols != use.Outputs[0].Cols:
		refuse("has Use.InPlace for %v in the place of %v", use.Inputs[0], use.Outputs[0])
	case !use.atOnce && slices.Contains(use.Inputs[1:], use.Inputs[0]):
		refuse("has Use.InPlace for an input that it reads twice")
	}
}

// producerOf returns the operation that writes x, or nil when none does.
func (t *Tape) producerOf(x *Node) Operation {
	if x.producer < 0 {
		return nil
	}
	return t.ops[x.producer]
}
