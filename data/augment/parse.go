package augment

import (
	"fmt"
	"slices"
	"strings"
)

// maxOps bounds a list.
const maxOps = 64

// Parse makes a pipeline of a list of operations: names with their parameters, separated by commas. The parameters of an
// operation are separated by blanks; the first ones may stand without their names.
//
//	crop 32 pad=4 fill=reflect, flip, cutmix 1
//
// A size is 64, or 48x64 for height and width; a range is 0.08..1. Errors name the operation and the parameter. An empty
// text is a pipeline that changes nothing.
func Parse(text string) (*Pipeline, error) {
	p := &Pipeline{}
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	for i, item := range strings.Split(text, ",") {
		if i == maxOps {
			return nil, fmt.Errorf("augment: more than %d operations", maxOps)
		}
		s, err := parseOne(item)
		if err != nil {
			return nil, fmt.Errorf("augment: operation %d: %w", i+1, err)
		}
		if err := p.add(s); err != nil {
			return nil, fmt.Errorf("augment: operation %d: %w", i+1, err)
		}
	}
	return p, nil
}

// parseOne reads one operation.
func parseOne(item string) (stage, error) {
	words := strings.Fields(item)
	if len(words) == 0 {
		return stage{}, fmt.Errorf("nothing between two commas; name one of %s", names())
	}
	i := slices.IndexFunc(specs, func(s spec) bool { return s.Name == words[0] })
	if i < 0 {
		return stage{}, fmt.Errorf("no operation is called %q; there are %s", words[0], names())
	}
	s := &specs[i]
	a := args{given: map[string]string{}}
	if err := a.read(s, words[1:]); err != nil {
		return stage{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	act := s.build(&a)
	if a.err != nil {
		return stage{}, fmt.Errorf("%s: %w", s.Name, a.err)
	}
	return stage{spec: s, text: s.Name + strings.Join(a.text, ""), act: act}, nil
}

// read matches words with parameters.
func (a *args) read(s *spec, words []string) error {
	named := false
	for i, w := range words {
		name, value, equals := strings.Cut(w, "=")
		if !equals {
			if named {
				return fmt.Errorf("%q stands after a parameter with a name, and needs its own: write %s", w, s.Usage())
			}
			if i >= len(s.Params) {
				return fmt.Errorf("%q is one value too many: write %s", w, s.Usage())
			}
			name, value = s.Params[i].Name, w
		}
		named = named || equals
		if !slices.ContainsFunc(s.Params, func(p Param) bool { return p.Name == name }) {
			return fmt.Errorf("no parameter is called %q: write %s", name, s.Usage())
		}
		if _, twice := a.given[name]; twice {
			return fmt.Errorf("%s is there twice", name)
		}
		a.given[name] = value
	}
	for _, p := range s.Params {
		if _, ok := a.given[p.Name]; ok {
			continue
		}
		if p.Default == "" {
			return fmt.Errorf("%s is missing: write %s", p.Name, s.Usage())
		}
		a.given[p.Name] = p.Default
	}
	return nil
}

// names are the names of all operations.
func names() string {
	var all []string
	for _, s := range specs {
		all = append(all, s.Name)
	}
	return strings.Join(all, ", ")
}

// Usage is how an operation is written, with its defaults.
func (o Op) Usage() string {
	var b strings.Builder
	b.WriteString(o.Name)
	for _, p := range o.Params {
		if p.Default == "" {
			b.WriteString(" " + strings.ToUpper(p.Name))
		} else {
			b.WriteString(" [" + p.Name + "=" + p.Default + "]")
		}
	}
	return b.String()
}
