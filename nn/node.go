package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Node is an activation on a tape: a [Rows, Cols] matrix with, while training,
// a gradient of the same shape. Its memory exists after [Tape.Plan].
//
// Layout says what its rows stand for. An activation of images has a row for
// each pixel and its channels as columns: [T*L*R*Height*Width, channels].
type Node struct {
	Rows, Cols int // Rows is Layout.Total()
	Layout     Layout

	value, grad *Buffer
	tape        *Tape
	valueIn     columns // where the plan has put them, if not into memory of their own
	gradIn      columns
	producer    int // index of the operation that writes it, or notYet, or given
	needsGrad   bool
	freshness          // of the gradient
	holds       string // what the values are where they are no logits: "probabilities"
	gone        string // the operation that it was merged into, so that it is no value any more
}

// What a node's producer is where it is no operation.
const (
	notYet = -1 // none is recorded yet
	given  = -2 // none ever: the values come from outside, as the pixels of images do
)

// String returns the shape as errors tell it: "5 columns for 1 step of 2 lanes of 3 rows".
func (n *Node) String() string { return fmt.Sprintf("%s for %v", count(n.Cols, "column"), n.Layout) }

// Value returns the activation. It holds the values of the last Forward only
// until its memory is used again; see Tape.Keep. It panics before Tape.Plan, for
// a model's Forward records what is computed and meets no numbers; and when the
// plan has merged the operations on both sides of it ([Tape.Fusions]). Rows may
// lie apart for an operation that says so (Use.Strided).
func (n *Node) Value() tensor.Matrix {
	if n.gone != "" {
		panic(fmt.Sprintf("nn: the input of %s is never formed; Keep it before Plan", n.gone))
	}
	if in := n.valueIn; in.of != nil {
		return in.of.Value().Columns(in.at, in.at+n.Cols)
	}
	if n.value.Data == nil && n.Rows > 0 {
		panic(fmt.Sprintf("nn: the values of %s are asked for before Tape.Plan: what is recorded here has no numbers until the tape is replayed", n.writer()))
	}
	return tensor.Of(n.value.Data, n.Rows, n.Cols)
}

// writer names the operation that writes the node.
func (n *Node) writer() string {
	if n.producer < 0 {
		return "an input"
	}
	return n.tape.uses[n.producer].Name
}

// NeedsGrad says whether anything upstream wants the gradient.
func (n *Node) NeedsGrad() bool { return n.needsGrad }

// Buffer is a piece of the tape's arena, alive from time first to time last.
// Time counts operations: forward of operation i is i, its backward is
// 2N-1-i where N is the number of operations.
type Buffer struct {
	Data        []float32
	tape        *Tape
	size        int
	first, last int
	offset      int
}

// extend makes the buffer live at the given time too.
func (b *Buffer) extend(at int) {
	b.first = min(b.first, at)
	b.last = max(b.last, at)
}
