package optim

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/rondo-ml/rondo/nn/fields"
)

// Kind declares an optimizer of a program's own, which a run file can then name. The
// struct C has its fields in the section optimizer, beside those that all kinds have
// ([CommonFields]); see package nn/fields. A program registers it in an init function:
//
//	func init() {
//		optim.Register("lion", optim.Kind[lion]{About: "…", New: newLion})
//	}
type Kind[C any] struct {
	About    string // one line
	Defaults C

	// New returns the optimizer for the groups' parameters. decay is the weight decay, of the groups that decay. The
	// same gradients must give the same bits for any pool, and its whole memory be in State, under names that no other
	// part has: so checkpoints keep it, and workers that come later are given it.
	New func(c C, groups []Group, decay float64) Optimizer
}

// Info is what is known of a registered kind.
type Info struct {
	Name, About string
	Fields      []fields.Field

	begin func() any
	build func(config any, groups []Group, decay float64) Optimizer
}

var registered = map[string]Info{}

// The kinds that are here, and the fields of a run file that all kinds have.
var (
	builtIn = []string{"sgd", "adam", "adamw", "rmsprop", "rmsprop-tf", "adagrad", "lars", "lamb"}
	common  = []string{"lr", "lr_batch", "lr_cap", "weight_decay", "decay_norms", "l1", "clip", "clip_value", "average"}
)

// CommonFields are the fields of a run file's section optimizer that all kinds have.
func CommonFields() []string { return slices.Clone(common) }

// Register adds a kind of optimizer under a name. It is called from init functions or
// at the beginning of main, and panics when the name is empty or taken, when the tags
// of C make no sense, or when a field is called as one that all kinds have.
func Register[C any](name string, k Kind[C]) {
	if _, taken := registered[name]; taken || name == "" || slices.Contains(builtIn, name) || k.New == nil {
		panic(fmt.Sprintf("optim: %q registered twice, without a name or without New", name))
	}
	list := fields.Of(reflect.TypeFor[C]())
	for _, d := range list {
		if slices.Contains(common, d.Name) {
			panic(fmt.Sprintf("optim: %s has a field %s, which all optimizers have", name, d.Name))
		}
	}
	registered[name] = Info{
		Name: name, About: k.About, Fields: list,
		begin: func() any { c := k.Defaults; return &c },
		build: func(config any, groups []Group, decay float64) Optimizer { return k.New(*config.(*C), groups, decay) },
	}
}

// Config returns the kind's fields with their defaults: a pointer to its struct.
func (i Info) Config() any { return i.begin() }

// New returns the optimizer that config, which Config returned, describes.
func (i Info) New(config any, groups []Group, decay float64) Optimizer {
	return i.build(config, groups, decay)
}

// Lookup finds a registered kind.
func Lookup(name string) (Info, bool) {
	i, ok := registered[name]
	return i, ok
}

// Names returns the names of all registered kinds, in order: those of the program's own.
func Names() []string { return slices.Sorted(maps.Keys(registered)) }
