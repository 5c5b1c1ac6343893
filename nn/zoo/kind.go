package zoo

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/task"
)

// Model is a network.
type Model interface {
	// Params returns the parameters. Their memory is the caller's affair:
	// Params().Allocate before the first use.
	Params() *nn.Params

	// Forward records the network on the batch's tape: it asks the batch for the
	// parts of the data that it reads, and returns what the task is learnt from,
	// as the logits of the classes.
	Forward(t *nn.Tape, b *nn.Batch) *nn.Node
}

// Kind declares a kind of model. The struct C has its fields in a run file, see
// package nn/fields; from the declaration follow the run file's checks and
// defaults, what is printed of it and what decides bits.
type Kind[C any] struct {
	About string // one line

	// Task is the name of what the kind learns where a run file does not say it,
	// as task.Class.
	Task string

	// Sample is what a row of a batch is, for people: "image", "sound".
	Sample string

	// Sequences says that the rows of a batch have time steps, batch.length of
	// them.
	Sequences bool

	// Defaults are the values of the fields that a run file leaves out.
	Defaults C

	// Derive, which may be nil, gives fields that were not given, and whose
	// defaults depend on others, their values.
	Derive func(c *C, given func(field string) bool)

	// Published, which may be nil, is what is known of the network from elsewhere.
	Published *Published

	// Pipelines is how many parts of the network lanes may compute apart
	// (nn's Tape.Pipelines), where Forward records them so; 0: the network is one.
	Pipelines int

	// Backbone, which may be nil, registers the network's stages under names that
	// begin with prefix, without its head.
	Backbone func(ps *nn.Params, prefix string, c C) ([]Stage, error)

	// Rounding is the release since which the kind's sums are taken in the order
	// of now, when they once were taken in another; empty: ever since. A
	// checkpoint from before cannot go on to the bits of one run.
	Rounding string

	// New builds a model. Every field of c is allowed by its tags; an error names
	// a field that does not go with others, as "model.weight_norm: …".
	New func(c C) (Model, error)
}

// maxParameters is the most that a model may have.
const maxParameters = 1 << 32

// checkSize returns an error when a model has too many parameters. field is the
// one that most of them come from.
func checkSize(ps *nn.Params, field string) error {
	if n := ps.Size(); n > maxParameters {
		return fmt.Errorf("model.%s: the model has %d parameters; at most %d are allowed", field, n, maxParameters)
	}
	return nil
}

// Info is what is known of a registered kind.
type Info struct {
	Kind      string
	About     string
	Task      string
	Sample    string
	Sequences bool
	Pipelines int // 0: none
	Rounding  string
	Published *Published // nil: nothing
	Fields    []fields.Field

	config   reflect.Type
	begin    func() any
	derive   func(config any, given func(field string) bool)
	build    func(config any) (Model, error)
	backbone func(ps *nn.Params, prefix string, config any) ([]Stage, error)
}

// ofAllKinds are fields of the run file's section model that every kind has.
var ofAllKinds = []string{"weights", "weights_skip", "freeze", "rates", "final_bias"}

// Register adds a kind of model under a name. It is called from init functions
// or at the beginning of main, and panics when the name is empty or taken, when
// there is no such task, when the kind has no constructor, or when the tags of C
// make no sense.
func Register[C any](name string, k Kind[C]) {
	i := Info{
		Kind: name, About: k.About, Task: k.Task, Sample: k.Sample, Sequences: k.Sequences, Pipelines: k.Pipelines, Rounding: k.Rounding, Published: k.Published,
		config: reflect.TypeFor[C](),
		begin:  func() any { c := k.Defaults; return &c },
	}
	if k.New != nil {
		i.build = func(config any) (Model, error) { return k.New(*config.(*C)) }
	}
	if k.Derive != nil {
		i.derive = func(config any, given func(string) bool) { k.Derive(config.(*C), given) }
	}
	if k.Backbone != nil {
		i.backbone = func(ps *nn.Params, prefix string, config any) ([]Stage, error) {
			return k.Backbone(ps, prefix, *config.(*C))
		}
	}
	register(&i)
}

// register is what is the same for kinds of all fields: a binary has it once.
func register(i *Info) {
	_, taken := kinds[i.Kind]
	_, known := task.Lookup(i.Task)
	switch {
	case taken || i.Kind == "":
		panic(fmt.Sprintf("zoo: kind %q registered twice or empty", i.Kind))
	case !known:
		panic(fmt.Sprintf("zoo: kind %q learns %q; give Kind.Task one of %v, or register the task first (init functions run in the order of the files' names)", i.Kind, i.Task, task.Names()))
	case i.build == nil:
		panic(fmt.Sprintf("zoo: kind %q has no constructor", i.Kind))
	}
	i.Fields = fields.Of(i.config)
	for _, f := range i.Fields {
		if slices.Contains(ofAllKinds, f.Name) {
			panic(fmt.Sprintf("zoo: kind %q has a field %q, which the run file has for all kinds", i.Kind, f.Name))
		}
	}
	kinds[i.Kind] = *i
}

// Config returns the kind's fields with the defaults that depend on no others: a
// pointer to its struct.
func (i Info) Config() any { return i.begin() }

// Derive gives the fields of config that were not given, and whose defaults
// depend on others, their values.
func (i Info) Derive(config any, given func(field string) bool) {
	if i.derive != nil {
		i.derive(config, given)
	}
}

// Backbone registers the network's stages, without its head, under names that
// begin with prefix. config is a pointer to the kind's struct, as of Config.
func (i Info) Backbone(ps *nn.Params, prefix string, config any) ([]Stage, error) {
	if i.backbone == nil {
		return nil, fmt.Errorf("the kind %s has no stages that maps can be taken from; backbones are %s", i.Kind, strings.Join(backboneNames(), ", "))
	}
	if err := fields.Check("model", i.Fields, config); err != nil {
		return nil, err
	}
	stages, err := i.backbone(ps, prefix, config)
	return stages, i.withLeast(err, config, func(config any) error { _, err := i.backbone(nn.NewParams(), prefix, config); return err })
}

// Field finds a field of the kind by its name in a run file, or nil.
func (i Info) Field(name string) *fields.Field {
	for k := range i.Fields {
		if i.Fields[k].Name == name {
			return &i.Fields[k]
		}
	}
	return nil
}

// Names are the names of the kind's fields.
func (i Info) Names() []string {
	var names []string
	for _, f := range i.Fields {
		names = append(names, f.Name)
	}
	return names
}
