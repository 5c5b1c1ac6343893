package task

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/measure"
)

// The names of the tasks that are here.
const (
	Next       = "next"
	Class      = "class"
	Labels     = "labels"
	Pixels     = "pixels"
	Transcript = "transcript"
	Regression = "regression"
)

// Task is what a network learns.
type Task interface {
	// Loss asks the batch for the targets of an output and records its loss under
	// the name. It is called for the network's own output, and then for every
	// auxiliary one: their targets are the same.
	Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss

	// Scorer returns what tells how good the outputs of the network are.
	Scorer(b *nn.Batch, out *nn.Node) Scorer
}

// Scorer counts over one recorded batch.
type Scorer interface {
	// Measures returns what has counted nothing yet, for so many lanes together
	// that see at most so many rows of batches each.
	Measures(rows, lanes int) []measure.Measure

	// Score lets the measures of each of the tape's lanes, in the order of Measures,
	// count the batch at hand: a row of the targets belongs to the lane that
	// [nn.Layout.Place] says. Rows without targets are left out.
	Score(lanes [][]measure.Measure)

	// Figures are what the measures of all lanes, merged, come to, the foremost
	// first.
	Figures(whole []measure.Measure) []Figure
}

// Figure is one measure of a network: "accuracy", 0.991.
type Figure struct {
	Name  string
	Value float64
	Unit  string // "share" for what is shown as a percentage, or as it is written behind a number
}

// Misfit is what a task panics with where it does not go with the output of the
// network: a mistake of the run file, not of the model. [zoo.Record] is called
// where it becomes an error.
type Misfit struct{ Text string }

func (m *Misfit) Error() string { return m.Text }

// misfit panics.
func misfit(format string, args ...any) { panic(&Misfit{fmt.Sprintf(format, args...)}) }

// Share is the unit of figures that lie in [0, 1].
const Share = "share"

// Kind declares a kind of task. The struct C has its fields in the run file's
// section task, see package nn/fields.
type Kind[C any] struct {
	About    string // one line
	Unit     string // what one of the targets is, where it is not a row of the batch: "byte"
	Nats     bool   // the loss is the logarithm of a probability: people are shown it in bits
	Target   string // the part of the data that is learnt, whose names the outputs have: "class"
	Defaults C
	New      func(c C) Task
}

// Info is what is known of a registered task.
type Info struct {
	Name, About, Unit, Target string
	Nats                      bool
	Fields                    []fields.Field

	begin func() any
	build func(config any) Task
}

var kinds = map[string]Info{}

// Register adds a kind of task under a name. It is called from init functions or
// at the beginning of main, and panics when the name is empty or taken, or when
// the tags of C make no sense.
func Register[C any](name string, k Kind[C]) {
	if _, taken := kinds[name]; taken || name == "" || k.New == nil {
		panic(fmt.Sprintf("task: %q registered twice, without a name or without New", name))
	}
	kinds[name] = Info{
		Name: name, About: k.About, Unit: k.Unit, Nats: k.Nats, Target: k.Target, Fields: fields.Of(reflect.TypeFor[C]()),
		begin: func() any { c := k.Defaults; return &c },
		build: func(config any) Task { return k.New(*config.(*C)) },
	}
}

// Config returns the task's fields with their defaults: a pointer to its struct.
func (i Info) Config() any { return i.begin() }

// New returns the task that config, which Config returned, describes.
func (i Info) New(config any) Task { return i.build(config) }

// Default is the task of that name with all defaults. It panics when there is
// none.
func Default(name string) Task {
	i, ok := kinds[name]
	if !ok {
		panic(fmt.Sprintf("task: there is no task %q; there are %s", name, strings.Join(Names(), ", ")))
	}
	return i.New(i.Config())
}

// Lookup finds a registered task.
func Lookup(name string) (Info, bool) {
	i, ok := kinds[name]
	return i, ok
}

// Names returns the names of all registered tasks, in order.
func Names() []string { return slices.Sorted(maps.Keys(kinds)) }
