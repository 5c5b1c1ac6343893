package zoo

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/rondo-ml/rondo/nn/fields"
)

var kinds = map[string]Info{}

// Lookup finds a registered kind.
func Lookup(kind string) (info Info, ok bool) {
	info, ok = kinds[kind]
	return info, ok
}

// Names returns the names of all registered kinds, in order.
func Names() []string { return slices.Sorted(maps.Keys(kinds)) }

// Kinds returns all registered kinds, by name.
func Kinds() (all []Info) {
	for _, name := range Names() {
		all = append(all, kinds[name])
	}
	return all
}

// among lists the known names, and the nearest to one that is none of them.
func among(name string, known []string) string {
	list, _ := fields.Among(name, known)
	return list
}

// Network is a model of a registered kind.
type Network struct {
	Model
	Kind string
}

// New builds a model of a registered kind. config is the kind's struct, as
// LeNet{…}, or a pointer to it; New takes its fields as they stand. The
// parameters have names and shapes, but no memory yet. An error names the field
// that is wrong; a constructor that panics is a *PanicError.
func New(kind string, config any) (n *Network, err error) {
	defer Recover(kind, &err)
	info, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("model.kind: %q is not known; the zoo has %s", kind, among(kind, Names()))
	}
	own := reflect.New(info.config)
	switch v := reflect.ValueOf(config); {
	case v.IsValid() && v.Type() == info.config:
		own.Elem().Set(v)
	case v.IsValid() && v.Type() == own.Type() && !v.IsNil():
		own.Elem().Set(v.Elem())
	default:
		return nil, fmt.Errorf("model.kind: %s is described by a %v, not by a %T", kind, info.config, config)
	}
	if err := fields.Check("model", info.Fields, own.Interface()); err != nil {
		return nil, err
	}
	m, err := info.build(own.Interface())
	err = info.withLeast(err, own.Interface(), func(config any) error { _, err := info.build(config); return err })
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, fmt.Errorf("model.kind: the constructor of %s returns neither a model nor an error", kind)
	case m.Params() == nil:
		return nil, fmt.Errorf("model.kind: a model of kind %s has no parameters: its Params returns nil", kind)
	}
	return &Network{Model: m, Kind: kind}, nil
}
