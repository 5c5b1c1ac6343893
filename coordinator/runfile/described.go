package runfile

import (
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// described is a section whose fields are those that its kind declares: the kinds are registered elsewhere, each with
// a struct (see package nn/fields).
type described struct {
	name   string
	names  func() []string
	fields func(kind string) []fields.Field
	config func(kind string) any
	at     func(*File) (kind *string, config *any)
	unsaid func(*File) string // the kind where none is said
}

var describedSections = []described{
	{"model", zoo.Names,
		func(kind string) []fields.Field { i, _ := zoo.Lookup(kind); return i.Fields },
		func(kind string) any { i, _ := zoo.Lookup(kind); return i.Config() },
		func(f *File) (*string, *any) { return &f.Model.Kind, &f.Model.Fields },
		func(*File) string { return "charlm" }},
	{"task", task.Names,
		func(kind string) []fields.Field { i, _ := task.Lookup(kind); return i.Fields },
		func(kind string) any { i, _ := task.Lookup(kind); return i.Config() },
		func(f *File) (*string, *any) { return &f.Task.Kind, &f.Task.Fields },
		func(f *File) string { return f.Model.info().Task }},
	{"optimizer", optimizers, // of which those of package nn/optim itself declare nothing here: their fields are all files'
		func(kind string) []fields.Field { i, _ := optim.Lookup(kind); return i.Fields },
		func(kind string) any {
			if i, own := optim.Lookup(kind); own {
				return i.Config()
			}
			return nil
		},
		func(f *File) (*string, *any) { return &f.Optimizer.Kind, &f.Optimizer.Fields },
		func(f *File) string { return f.Optimizer.Kind }},
}

// known reports whether the section has that kind.
func (s *described) known(kind string) bool { return slices.Contains(s.names(), kind) }

// begin makes the section one of a kind, with the defaults of its fields. Of a kind that is not known it has none.
func (s *described) begin(f *File, kind string) {
	own, config := s.at(f)
	*own, *config = kind, nil
	if s.known(kind) {
		*config = s.config(kind)
	}
}

// list is the fields of the section's kind, as fields of the run file.
func (s *described) list(f *File) []field {
	kind, config := s.at(f)
	if *config == nil {
		return nil
	}
	own := s.fields(*kind)
	list := make([]field, len(own))
	for i := range own {
		d := &own[i]
		list[i] = field{
			path: s.name + "." + d.Name, role: ofBits, unsaid: d.Unsaid, omits: d.Omits, within: d.Within, about: d.About,
			at: func(f *File) any { _, config := s.at(f); return d.At(*config) },
		}
		if d.Words() != nil {
			list[i].oneOf = d.Words
		}
	}
	return list
}

// misnamed says what is wanted in place of a field that other kinds have, and the file's has not, or nothing when none
// has it.
func misnamed(f *File, path string) string {
	section, name, _ := strings.Cut(path, ".")
	for i := range describedSections {
		s := &describedSections[i]
		kind, _ := s.at(f)
		if s.name != section || !slices.ContainsFunc(s.names(), func(k string) bool { return hasField(s.fields(k), name) }) {
			continue
		}
		names := reads(f, section)
		if names == nil {
			names, _ = describedFields(f, section)
		}
		if len(names) == 0 {
			return "nothing: " + *kind + " reads no fields but kind"
		}
		return "nothing: " + *kind + " reads " + strings.Join(names, ", ")
	}
	return ""
}

// describedFields are the names of the fields that the kind of a section declares, and whether it declares any or none.
func describedFields(f *File, section string) (names []string, declares bool) {
	for i := range describedSections {
		s := &describedSections[i]
		if s.name != section {
			continue
		}
		kind, config := s.at(f)
		for _, d := range s.fields(*kind) {
			names = append(names, d.Name)
		}
		return names, *config != nil
	}
	return nil, false
}

func hasField(list []fields.Field, name string) bool {
	return slices.ContainsFunc(list, func(d fields.Field) bool { return d.Name == name })
}

// beginKinds makes the described sections those of the kinds that said names, path to text, or else their defaults. A
// kind that is not known is an error.
func beginKinds(f *File, said func(path string) (text string, at place, ok bool)) error {
	for i := range describedSections {
		s := &describedSections[i]
		kind := s.unsaid(f)
		if text, at, ok := said(s.name + ".kind"); ok {
			if kind = text; !s.known(kind) {
				return at.blame(s.name+".kind", quote(kind), unknown(kind, s.names()))
			}
		}
		s.begin(f, kind)
	}
	return nil
}

// fillKinds gives fields of the model that were not given, and whose defaults depend on others, their values.
func fillKinds(f *File, given func(path string) bool) {
	if info, ok := zoo.Lookup(f.Model.Kind); ok && f.Model.Fields != nil {
		info.Derive(f.Model.Fields, func(field string) bool { return given("model." + field) })
	}
}

// shownText is the text of a field that its kind has not, as an error shows it.
func shownText(text string) string {
	if _, number := fields.ParseFloat(text); number || text == "true" || text == "false" {
		return text
	}
	return quote(text)
}
