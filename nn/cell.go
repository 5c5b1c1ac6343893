package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Recurrent is one recurrent layer, in one direction: what a [Stack] has on top of
// each other. A layer that is written as one step comes from [ByStep].
type Recurrent interface {
	// Forward records the output y [T*L*R, H] for x [T*L*R, in]. A row starts from
	// its part of run.States ([CellLayer.State]), or from zero where there are
	// none, and leaves there what it ends with. Beyond a row's length y is 0.
	Forward(t *Tape, x *Node, run Sequences) *Node
}

// Sequences is how the rows of a batch run through time.
type Sequences struct {
	States  *States  // carried from batch to batch; nil when every row starts at zero
	Lengths *Lengths // nil when all rows have all steps
}

// CellLayer is what a kind of cell is told of the layer that it makes: its sizes, and
// how its parameters are called.
type CellLayer struct {
	Params     *Params
	In, Hidden int // columns of the input, and H of the output

	cell       string // as in Cells
	name       string // "rnn"
	suffix     string // "_l0"
	weightNorm bool   // mlstm only
}

// Param adds a parameter, "rnn.weight_ih_l0" for the part weight_ih, drawn from
// U(-1/√H, 1/√H) as PyTorch does.
func (l CellLayer) Param(part string, shape ...int) *Param {
	return l.Params.Add(l.Name(part), l.init(), shape...)
}

// Name names a part of the layer, as PyTorch does: "rnn.gate_l0" for gate. A Linear
// of that name has the parameter rnn.gate_l0.weight.
func (l CellLayer) Name(part string) string { return l.name + "." + part + l.suffix }

// Path names the layer itself, in errors and on the page: "rnn.l0".
func (l CellLayer) Path() string { return l.name + "." + l.suffix[1:] }

// State returns the part of the states that is called rnn.part_l0, of H columns;
// nil of no states.
func (l CellLayer) State(s *States, part string) *State {
	if s == nil {
		return nil
	}
	return s.Add(l.Name(part), l.Hidden)
}

func (l CellLayer) init() Init { return UniformInit(1 / sqrt(float32(l.Hidden))) }

// cells holds the kinds of recurrent layers by name.
var cells = map[string]func(CellLayer) Recurrent{}

func init() {
	RegisterCell("rnn", newRNN)
	RegisterCell("rnn-relu", newRNNReLU)
	RegisterCell("gru", newGRU)
	RegisterCell("gru-textbook", newGRUTextbook)
	RegisterCell("lstm", newLSTM)
	RegisterCell("lstm-peephole", newLSTMPeephole)
	RegisterCell("mlstm", newMLSTM)
}

// RegisterCell adds a kind of recurrent cell under a name, which [NewStack] and the
// field cell of run files then know:
//
//	func init() { nn.RegisterCell("minimal", nn.ByStep(newMinimal)) }
//
// build registers the parameters of one layer. It is called from init functions or at
// the beginning of main, and panics when the name is taken or is no word of small
// letters, digits and '-', or when build is nil.
func RegisterCell(name string, build func(CellLayer) Recurrent) {
	switch {
	case name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		panic(fmt.Sprintf("nn: no cell can be called %q; small letters, digits and '-' are allowed", name))
	case cells[name] != nil:
		panic(fmt.Sprintf("nn: there is a cell %q already; the names that are taken are %s", name, strings.Join(Cells(), ", ")))
	case build == nil:
		panic(fmt.Sprintf("nn: the cell %q has nothing that builds it", name))
	}
	cells[name] = build
}

// Cells returns the names of the recurrent cells, sorted.
func Cells() []string { return slices.Sorted(maps.Keys(cells)) }
