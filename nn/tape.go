package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Shape is the batch that a tape is recorded for.
type Shape struct {
	Steps int // T: time steps of a row; 1 without sequences
	Lanes int // L: lanes computed together
	Rows  int // R: rows of one lane
}

// Total returns the rows of a time-major activation: T*L*R.
func (s Shape) Total() int { return s.Steps * s.Lanes * s.Rows }

// Mode says whether a tape learns.
type Mode bool

// The two modes. A tape for Inference records no backward buffers and its
// dropout does nothing.
const (
	Inference Mode = false
	Training  Mode = true
)

// Operation is a forward and backward pair. Forward reads its inputs' values
// and writes its outputs'; Backward reads its outputs' gradients and adds to
// its inputs' and its weights' gradients, where they are wanted
// ([Node.NeedsGrad], [Weight.NeedsGrad]); it is not called where none is. With Use.Sets it sets those that begin with it
// ([Node.TakeGrad], [Weight.TakeGrads]).
type Operation interface {
	Forward()
	Backward()
}

// Use declares what an operation touches, so that the tape can place memory.
type Use struct {
	Name    string    // path of the layer, for errors: "rnn.l0"
	Inputs  []*Node   // read by Forward; Backward forms their gradients
	Outputs []*Node   // written by Forward
	Keep    []*Node   // values (of inputs or outputs) that Backward reads
	Saved   []*Buffer // written by Forward, read by Backward
	Scratch []*Buffer // contents last for one Forward or one Backward call
	Weights []*Weight // used; Backward forms their gradients

	// InPlace says that Backward may write the gradient of the first input over that of the first output, whose
	// shape it has, where it is fresh. It wants Sets.
	InPlace bool

	// atOnce says that Backward forms the gradient of the first input in one pass where Inputs has it twice, so that InPlace holds there too.
	atOnce bool

	// touches says that Backward notes which rows of the weights' gradients it adds to; see touched.
	touches bool

	// Strided says that the operation takes inputs and outputs, values and gradients, whose rows lie apart in memory
	// ([tensor.Matrix].Stride): columns of wider ones. Others get them without gaps.
	Strided bool

	// Sets promises that Backward takes the gradient of every input and weight by TakeGrad and TakeGrads, and
	// writes all of one that is fresh instead of adding to it: then nobody need clear it before.
	Sets bool
}

// Tape is a recorded list of operations. It is used by one goroutine.
type Tape struct {
	Shape Shape
	Mode  Mode

	params    *Params
	pool      *tensor.Pool
	weights   map[*Param]*Weight
	ops       []Operation
	uses      []Use
	idle      []bool // by operation: nothing wants a gradient of its Backward
	nodes     []*Node
	buffers   []*Buffer
	kept      []*Node
	fusions   []Fusion
	sights    map[*Node]sight // of what the first operations write; see Receptive
	sighted   int             // so many of them
	planned   bool
	arena     int         // elements of memory for all buffers
	ready     [][]*Weight // by operation: those whose gradient its Backward completes
	zero      [][]*Node   // by operation: gradients that begin with its Backward
	begin     [][]*Weight // the same of weights
	fault     error
	looking   bool   // at every value: none may be left out
	until     string // the operation that ends what is recorded, or empty; see RecordUntil
	see       func(Sight)
	inspector Inspector // nil: none
	inner     *inner    // of a tape that looks inside a network, or nil

	free     freeRows            // memory of operations that work on some rows at a time
	at       int                 // the operation whose Backward is under way
	poisoned bool                // see Poison
	apart    bool                // no value lies in another's memory, for tests
	measures map[*Statistic]bool // what its operations measure
	others   []*Statistic        // those that none does
	losses   []*Loss             // the ends
	sync     *syncNorms          // of norms that take the moments of the whole batch, or nil
	failed   error               // why the replay under way has ended

	pipelines *pipelines // whose parts its lanes compute, or nil
	alike     int        // lanes that have the same rows; 0: each has its own
	again     bool       // replayed several times for the same weights: once for every time step

	begins func() // clears the states of rows that begin, or nil

	leave func(begin, end int) // takes what is complete while Backward runs

	seed     uint64
	step     uint64
	lane     int // global number of the tape's first lane
	gradLane int // its index among the worker's own lanes
}

// NewTape returns an empty tape over the parameters. seed keys its dropout.
func NewTape(params *Params, pool *tensor.Pool, shape Shape, mode Mode, seed uint64) *Tape {
	return &Tape{Shape: shape, Mode: mode, params: params, pool: pool, weights: map[*Param]*Weight{},
		measures: map[*Statistic]bool{}, seed: seed}
}

// Pool returns the goroutines that operations compute on.
func (t *Tape) Pool() *tensor.Pool { return t.pool }

// Node adds an activation, [l.Total(), cols], for an operation to write. Rows
// that an operation reorders, splits or joins need a layout that says so: lanes
// are taken from it. It panics when l has not the tape's lanes.
func (t *Tape) Node(l Layout, cols int) *Node {
	if l.Lanes != t.Shape.Lanes || l.Steps < 1 || l.Rows < 1 || cols < 1 || l.Height < 0 || (l.Height > 0) != (l.Width > 0) {
		panic(fmt.Sprintf("nn: no activation has %d columns for %v on a tape of %v", cols, l, t.Shape.Layout()))
	}
	rows := l.Total()
	n := &Node{Rows: rows, Cols: cols, Layout: l, value: t.Buffer(rows * cols), tape: t, producer: notYet}
	t.nodes = append(t.nodes, n)
	return n
}

// like adds an activation of x's shape.
func (t *Tape) like(x *Node) *Node { return t.Node(x.Layout, x.Cols) }

// Buffer adds a piece of memory of n elements for an operation's own use.
func (t *Tape) Buffer(n int) *Buffer {
	b := &Buffer{tape: t, size: n, first: 1 << 60, last: -1}
	t.buffers = append(t.buffers, b)
	return b
}

// Refuse says that the batch's shape does not do for what is recorded. The
// first reason counts.
func (t *Tape) Refuse(reason error) {
	if t.fault == nil {
		t.fault = reason
	}
}

// Err returns why the tape's shape does not do for the model, or nil. A tape
// for a shape from outside is asked before it is replayed.
func (t *Tape) Err() error { return t.fault }

// Operations returns the floating-point operations of the matrix products and
// convolutions of one Forward, those on padding included.
func (t *Tape) Operations() int {
	sum := 0
	for _, op := range t.ops {
		if m, ok := op.(interface{ operations() int }); ok {
			sum += m.operations()
		}
	}
	return sum
}

// Keep says that n's value is read after Forward, so that its memory is not used
// again before the replay ends.
func (t *Tape) Keep(n *Node) { t.kept = append(t.kept, n) }

// Measure returns the elements of memory that Plan would take, without taking
// it. It ends recording; the tape cannot be planned or replayed afterwards.
func (t *Tape) Measure() int {
	t.planned = true
	t.fuse()
	t.lifetimes()
	return place(t.buffers)
}

// Begin sets the place of the next replay: the step, the global number of the
// first of the tape's lanes, and that lane's index among the worker's own.
func (t *Tape) Begin(step uint64, lane, gradLane int) {
	t.step, t.lane, t.gradLane = step, lane, gradLane
}

// Forward replays all operations.
func (t *Tape) Forward() {
	if !t.planned {
		panic("nn: Forward before Plan")
	}
	t.beginSync(false)
	t.beginMeasures()
	if t.begins != nil {
		t.begins()
	}
	for i, op := range t.ops {
		if t.poisoned {
			t.spoilBefore(i)
		}
		if op.Forward(); t.failed != nil {
			return
		}
		if t.see != nil {
			t.seeForward(i)
		}
		if t.inspector != nil {
			t.inspector.Forward(i)
		}
	}
}

// Backward replays all operations in reverse, and so sets the gradients of the
// parameters that they use, for the lanes that Begin named. Whenever elements
// [begin, end) of the flat gradient are complete in all these lanes, it calls ready,
// which may be nil, so that they can leave while the rest is still being
// computed: at the last use of a parameter, of a large matrix a stage of rows at
// a time ([Param.StageEnd]). Every element is told of once.
func (t *Tape) Backward(ready func(begin, end int)) {
	t.leave = ready
	for i := len(t.ops) - 1; i >= 0 && t.failed == nil; i-- {
		t.differentiate(i)
	}
	t.leave = nil
}

// differentiate runs operation i's Backward.
func (t *Tape) differentiate(i int) {
	if t.poisoned {
		t.spoilBefore(2*len(t.ops) - 1 - i)
	}
	t.beginGradients(i)
	for _, w := range t.ready[i] {
		w.last, w.final = true, 0
	}
	if !t.idle[i] {
		t.ops[i].Backward()
	}
	if t.failed == nil {
		t.endGradients(i)
		if t.see != nil {
			t.seeBackward(i)
		}
		if t.inspector != nil {
			t.inspector.Backward(i)
		}
	}
	for _, w := range t.ready[i] {
		if t.failed == nil {
			w.complete(w.Rows)
		}
		w.last = false
	}
}

// FirstNonFinite runs Forward again, looking at every output on the way, and
// returns the name of the first operation that yields NaN or Inf, or "".
func (t *Tape) FirstNonFinite() string {
	t.looking = true
	t.beginSync(true)
	defer t.look()
	for i, op := range t.ops {
		op.Forward()
		for _, n := range t.uses[i].Outputs {
			for r := range n.Rows {
				if tensor.HasNonFinite(n.Value().Row(r)) {
					return t.uses[i].Name
				}
			}
		}
	}
	return ""
}

// Stream returns the random stream of one site of this step and lane: that of its group under [Tape.Pipelines].
func (t *Tape) Stream(site uint32, lane int) Stream {
	return Stream{Seed: t.seed, Use: UseDropout, Site: site, Step: t.step, Lane: uint32((t.lane + lane) / max(1, t.alike))}
}
