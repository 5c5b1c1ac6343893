package runfile

import (
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/optim"
)

// section is a section of the run file whose kind decides which of its other fields are read.
type section struct {
	every []string // fields that all kinds read
	kinds []kind
}

// kind is one kind of a section.
type kind struct {
	name     string
	reads    []string          // beside the section's own
	defaults map[string]string // where they are not those of setDefaults
}

// sections are the sections of kinds that the run file knows by itself; those of models are in the zoo. Package nn/optim
// has the formulas of all of them.
var sections = map[string]section{
	"optimizer": {
		every: optim.CommonFields(),
		kinds: []kind{
			{"sgd", []string{"momentum", "nesterov"}, map[string]string{"lr": "0.1", "momentum": "0.9"}},
			{"adam", []string{"beta1", "beta2", "eps"}, nil},
			{"adamw", []string{"beta1", "beta2", "eps"}, map[string]string{"weight_decay": "0.01"}},
			{"rmsprop", []string{"alpha", "eps", "momentum", "centered"}, map[string]string{"lr": "0.01", "alpha": "0.99"}},
			{"rmsprop-tf", []string{"alpha", "eps", "momentum", "centered"}, map[string]string{"lr": "0.001", "alpha": "0.9", "eps": "1e-7"}},
			{"adagrad", []string{"eps", "rate_decay", "initial"}, map[string]string{"lr": "0.01", "eps": "1e-10"}},
			{"lars", []string{"momentum", "trust", "eps"}, map[string]string{"lr": "1", "momentum": "0.9", "trust": "0.001", "weight_decay": "0.0005"}},
			{"lamb", []string{"beta1", "beta2", "eps"}, map[string]string{"eps": "1e-6", "weight_decay": "0.01"}},
		},
	},
	"schedule": {
		every: []string{"floor"},
		kinds: []kind{
			{"constant", []string{"warmup"}, nil},
			{"linear", []string{"warmup", "over"}, nil},
			{"cosine", []string{"warmup", "over"}, nil},
			{"polynomial", []string{"warmup", "over", "power"}, map[string]string{"power": "1"}},
			{"step", []string{"warmup", "every", "factor"}, map[string]string{"factor": "0.1"}},
			{"multistep", []string{"warmup", "at", "factor"}, map[string]string{"factor": "0.1"}},
			{"exponential", []string{"warmup", "factor"}, nil},
			{"cosine-restarts", []string{"warmup", "every", "growth"}, map[string]string{"growth": "1"}},
			{"one-cycle", []string{"start", "rise"}, map[string]string{"rise": "0.3"}},
			{"plateau", []string{"warmup", "factor", "patience", "threshold", "cooldown"},
				map[string]string{"factor": "0.1", "patience": "10", "threshold": "0.0001"}},
		},
	},
}

// kindsOf returns the names of a section's kinds.
func kindsOf(name string) func() []string {
	return func() []string {
		var names []string
		for _, k := range sections[name].kinds {
			names = append(names, k.name)
		}
		return names
	}
}

// optimizers are the names of all kinds of optimizers: those that are here, and the program's own.
func optimizers() []string { return slices.Concat(kindsOf("optimizer")(), optim.Names()) }

// kindIn is the kind that a file's section has. It is nil for sections without kinds, and for kinds that are not known or
// are a program's own.
func kindIn(f *File, name string) *kind {
	s, ok := sections[name]
	if !ok {
		return nil
	}
	i := slices.IndexFunc(s.kinds, func(k kind) bool { return k.name == f.lookup(name+".kind").text(f) })
	if i < 0 {
		return nil
	}
	return &s.kinds[i]
}

// reads lists the fields, beside kind, that the kind of a file's section reads. It is nil for sections without kinds, and for
// kinds that are not known.
func reads(f *File, name string) []string {
	s, ok := sections[name]
	if !ok {
		return nil
	}
	if k := kindIn(f, name); k != nil {
		return slices.Concat(k.reads, s.every)
	}
	if own, ok := describedFields(f, name); ok {
		return slices.Concat(own, s.every)
	}
	return nil
}

// unread says what is wanted in place of a field that its section's kind does not read, or nothing when it reads it.
func (d *field) unread(f *File) string {
	name, field, _ := strings.Cut(d.path, ".")
	list := reads(f, name)
	if list == nil || field == "kind" || slices.Contains(list, field) {
		return ""
	}
	return "nothing: " + f.lookup(name+".kind").text(f) + " reads " + strings.Join(list, ", ")
}

// fillSections gives the fields that were not given the defaults of their section's kind.
func fillSections(f *File, given func(path string) bool) {
	for name := range sections {
		k := kindIn(f, name)
		if k == nil {
			continue
		}
		for field, text := range k.defaults {
			if path := name + "." + field; !given(path) {
				f.lookup(path).set(f, text)
			}
		}
	}
	if f.Schedule.Kind == "one-cycle" { // as PyTorch has them
		if !given("schedule.start") {
			f.Schedule.Start = f.Optimizer.LR / 25
		}
		if !given("schedule.floor") {
			f.Schedule.Floor = f.Schedule.Start / 1e4
		}
	}
}
