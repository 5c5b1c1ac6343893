package fields

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Field is one field of a struct as a run file has it.
type Field struct {
	Name   string // in the run file: "weight_norm"
	About  string // one line
	Within Span   // what a number may be
	Unsaid string // the value that is left out of what decides bits, if Omits
	Omits  bool

	index []int
	oneOf []string        // the words of the tag oneof
	among func() []string // or those of the list that the tag among names
}

// lists are those that tags among name.
var lists = map[string]func() []string{}

// List names a list of words for the tag among. Programs may add to it: what it has is asked for when a
// field is looked at. It is called before the fields that are among them are declared, from a variable's
// initializer, and returns true.
func List(name string, words func() []string) bool {
	lists[name] = words
	return true
}

// Of returns the fields of a struct, in its order; those of an embedded struct
// stand in its place. It panics when a tag makes no sense, when two fields have
// one name, or when a type is none that fields have: a program is wrong.
func Of(t reflect.Type) []Field {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("fields: %v is no struct", t))
	}
	var list []Field
	for _, f := range reflect.VisibleFields(t) {
		name, ok := f.Tag.Lookup("field")
		if !ok {
			continue
		}
		wrong := func(format string, args ...any) {
			panic(fmt.Sprintf("fields: %v.%s: %s", t, f.Name, fmt.Sprintf(format, args...)))
		}
		d := Field{Name: name, About: f.Tag.Get("about"), index: f.Index}
		d.Unsaid, d.Omits = f.Tag.Lookup("unsaid")
		switch {
		case !f.IsExported():
			wrong("fields of a run file are exported")
		case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || name == "" || name == "kind":
			wrong("the name %q; small letters, digits and '_' are allowed, and kind is taken", name)
		case slices.ContainsFunc(list, func(o Field) bool { return o.Name == name }):
			wrong("the name %q stands twice", name)
		}
		d.read(f, wrong)
		list = append(list, d)
	}
	return list
}

// read takes what a number or a text may be from the tags.
func (d *Field) read(f reflect.StructField, wrong func(string, ...any)) {
	switch reflect.New(f.Type).Interface().(type) {
	case *int, *float64, *[]int, *[]float64:
		var err error
		if d.Within, err = ParseSpan(f.Tag.Get("allowed")); err != nil {
			wrong("allowed: %v", err)
		}
	case *string:
		if words := f.Tag.Get("oneof"); words != "" {
			for word := range strings.SplitSeq(words, ",") {
				d.oneOf = append(d.oneOf, strings.TrimSpace(word))
			}
		}
		if name := f.Tag.Get("among"); name != "" {
			if d.among = lists[name]; d.among == nil || d.oneOf != nil {
				wrong("among: %q is no list of words, or stands beside oneof", name)
			}
		}
	case *bool, *uint64:
	default:
		wrong("fields have no type %v", f.Type)
	}
}

// Words are what a text may be; nil: anything.
func (d *Field) Words() []string {
	if d.among != nil {
		return d.among()
	}
	return d.oneOf
}

// At returns a pointer to the field's value in the struct that config points to.
func (d *Field) At(config any) any {
	return reflect.ValueOf(config).Elem().FieldByIndex(d.index).Addr().Interface()
}

// Set stores a text in the field. A false answer means that it is not of the field's type.
func (d *Field) Set(config any, text string) bool { return Set(d.At(config), text) }

// Text is the canonical form of the field's value.
func (d *Field) Text(config any) string { return Text(d.At(config)) }

// Allowed says what the field may be: "a whole number from 1 to 64".
func (d *Field) Allowed(config any) string { return Wants(d.At(config), d.Within, d.Words()) }

// Impossible says what is wanted in place of the field's value, or nothing when it will do.
func (d *Field) Impossible(config any) string {
	at := d.At(config)
	if p, ok := at.(*string); ok {
		if words := d.Words(); words != nil && !slices.Contains(words, *p) {
			return Wants(at, d.Within, words)
		}
		return ""
	}
	return Impossible(at, d.Within)
}

// Check returns an error that names the first field of config, a pointer to a struct, with an impossible value:
// "model.hidden: 0 is not allowed; want a whole number from 1 to 64".
func Check(section string, list []Field, config any) error {
	for i := range list {
		d := &list[i]
		if want := d.Impossible(config); want != "" {
			return fmt.Errorf("%s.%s: %s is not allowed; want %s", section, d.Name, shown(d.Text(config)), want)
		}
	}
	return nil
}

func shown(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
