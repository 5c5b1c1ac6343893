package nn

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Param is one named parameter: a [Rows, Cols] matrix inside the flat slice of
// its [Params]. A vector has Rows 1, a scalar Cols 1 too; with more than two
// dimensions, the first is Rows.
type Param struct {
	Name       string // its path, as PyTorch names it: "rnn.weight_ih_l0"
	Shape      []int  // the shape that a weights file gives it
	Rows, Cols int
	Offset     int // of its first element in Params.Values
	Index      int // its place in Params.List

	// Frozen says that training leaves the values as they are. It is set before a tape is recorded: then nothing
	// forms a gradient that frozen parameters alone would need, no tape tells of this one, and its gradient
	// stays zero. The weights that are saved have it.
	Frozen bool

	init    Init
	set     *Params
	panels  packed
	touched []touched // by lane, of the gradient
}

// Size returns the number of elements.
func (p *Param) Size() int { return p.Rows * p.Cols }

// StageEnd returns the row at which the stage ends that begins at row lo. A tape
// completes the gradient of a matrix stage by stage, so that rows can leave while
// the next are being computed: whole blocks of the kernels, and so many that what
// each stage packs anew costs little beside its products. The first is half as
// long, for the others to leave behind it. What is no matrix has one stage.
func (p *Param) StageEnd(lo int) int {
	if len(p.Shape) != 2 {
		return p.Rows
	}
	s := p.set.stage
	rows := s.rows * max(1, (s.elements/p.Cols+s.rows-1)/s.rows)
	if lo == 0 {
		rows /= 2
	}
	return min(lo+rows, p.Rows)
}

// stage is the least that a tape completes of a matrix at a time: a multiple of
// so many rows, and about so many elements.
type stage struct{ rows, elements int }

// StartAs has Params.Initialize fill the parameter in another way than its layer
// does by itself.
func (p *Param) StartAs(init Init) { p.init = init }

// Value returns the parameter as a view into Params.Values.
func (p *Param) Value() tensor.Matrix {
	return tensor.Of(p.set.Values[p.Offset:p.Offset+p.Size()], p.Rows, p.Cols)
}

// Grad returns the gradient of lane (an index among the worker's own lanes), to read or to write before the next Backward.
func (p *Param) Grad(lane int) tensor.Matrix {
	p.touched[lane].forget()
	return p.grad(lane)
}

// grad is Grad for the tape, which knows what it writes.
func (p *Param) grad(lane int) tensor.Matrix {
	at := lane*p.set.Size() + p.Offset
	return tensor.Of(p.set.Grads[at:at+p.Size()], p.Rows, p.Cols)
}

// Params is the set of a model's parameters. All values lie in one slice and
// all gradients in another, so the optimizer, the ring and the checkpoint loop
// over slices.
type Params struct {
	List   []*Param
	Values []float32 // [Size]
	Grads  []float32 // [lanes, Size], nil until AllocateGrads; to be read. Who writes asks LaneGrads or Param.Grad
	Lanes  int       // lanes in Grads

	Statistics []*Statistic
	Running    []float32 // [StatisticsSize] their values
	Measured   []float32 // [lanes, StatisticsSize] by the step at hand, nil until AllocateGrads
	Counters   []*Counter

	stage      stage // smaller in tests
	size       int
	statistics int // elements of all statistics
	byName     map[string]*Param
	names      map[string]bool // of parameters, statistics and counters
	room       packingRoom
	version    uint64 // changes whenever Values do: packed copies are stale
}

// NewParams returns an empty set.
func NewParams() *Params {
	return &Params{stage: stage{480, 1 << 17}, byName: map[string]*Param{}, names: map[string]bool{}, version: 1}
}

// Add registers a parameter of the given shape: up to four dimensions, none for
// a scalar. A convolution's [out, in/groups, kh, kw] is [out, the rest] as a
// matrix. It panics when the name is taken or the shape is empty: a model is wrong.
func (ps *Params) Add(name string, init Init, shape ...int) *Param {
	ps.claim(name)
	if len(shape) > 4 {
		panic(fmt.Sprintf("nn: parameter %s has shape %v; up to four dimensions are allowed", name, shape))
	}
	p := &Param{Name: name, Shape: append([]int{}, shape...), Rows: 1, Cols: 1, Offset: ps.size, Index: len(ps.List), init: init, set: ps}
	for i, extent := range shape {
		if extent < 1 {
			panic(fmt.Sprintf("nn: parameter %s has the empty shape %v", name, shape))
		}
		if i == 0 && len(shape) > 1 {
			p.Rows = extent
		} else {
			p.Cols *= extent
		}
	}
	ps.List = append(ps.List, p)
	ps.byName[name] = p
	ps.size += p.Size()
	return p
}

// Size returns the number of elements of all parameters.
func (ps *Params) Size() int { return ps.size }

// Get returns the parameter of that name, or nil.
func (ps *Params) Get(name string) *Param { return ps.byName[name] }

// Keep leaves those parameters, statistics and counters whose names keep picks, in their order: the rest was never registered.
// It is called before Allocate, and before a tape is recorded that is to be used.
func (ps *Params) Keep(keep func(name string) bool) {
	ps.List = slices.DeleteFunc(ps.List, func(p *Param) bool { return !keep(p.Name) })
	ps.Statistics = slices.DeleteFunc(ps.Statistics, func(s *Statistic) bool { return !keep(s.Name) })
	ps.Counters = slices.DeleteFunc(ps.Counters, func(c *Counter) bool { return !keep(c.Name) })
	maps.DeleteFunc(ps.names, func(name string, _ bool) bool { return !keep(name) })
	maps.DeleteFunc(ps.byName, func(name string, _ *Param) bool { return !keep(name) })
	ps.size, ps.statistics = 0, 0
	for i, p := range ps.List {
		p.Index, p.Offset = i, ps.size
		ps.size += p.Size()
	}
	for _, s := range ps.Statistics {
		s.offset = ps.statistics
		ps.statistics += s.Size
	}
}

// Allocate gives the values their memory. It is called once, after the model
// has registered everything.
func (ps *Params) Allocate() {
	ps.Values, ps.Running = tensor.AlignedSlice(ps.size), tensor.AlignedSlice(ps.statistics)
}

// AllocateGrads gives the gradients of lanes lanes, and what they measure, their
// memory.
func (ps *Params) AllocateGrads(lanes int) {
	ps.Lanes = lanes
	ps.Grads = tensor.AlignedSlice(lanes * ps.size)
	ps.Measured = tensor.AlignedSlice(lanes * ps.statistics)
	for _, p := range ps.List {
		p.touched = make([]touched, lanes)
	}
}

// LaneGrads returns the gradients of one own lane, [Size], to read or to write before the next Backward: this clears all that
// layers might else take for the zeros that they have left. See ReadGrads.
func (ps *Params) LaneGrads(lane int) []float32 {
	for _, p := range ps.List {
		p.touched[lane].forget()
	}
	return ps.ReadGrads(lane)
}

// ReadGrads returns the gradients of one own lane, [Size], which the caller does not write to. Then the next Backward need not
// clear those rows of large tables that this one has not read.
func (ps *Params) ReadGrads(lane int) []float32 {
	return ps.Grads[lane*ps.size : (lane+1)*ps.size]
}

// ZeroGrads clears all gradients.
func (ps *Params) ZeroGrads() { clear(ps.Grads) }

// Changed says that Values were written, so that copies packed for the kernels
// are made again before their next use.
func (ps *Params) Changed() { ps.version++ }

// Initialize fills all values: each parameter from its own Init and its own
// random stream, keyed by (seed, index). Statistics and counters start anew.
func (ps *Params) Initialize(seed uint64) {
	for _, p := range ps.List {
		p.init(p.Value(), Stream{Seed: seed, Site: uint32(p.Index), Use: UseInit})
	}
	for _, s := range ps.Statistics {
		tensor.Fill(s.Value(), s.initial)
	}
	for _, c := range ps.Counters {
		c.Value[0] = 0
	}
	ps.Changed()
}
