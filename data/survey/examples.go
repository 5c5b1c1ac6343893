package survey

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/data/samples"
)

// Examples are the first samples of a set with texts, one a line: the text and what is said of it. It is nil for other
// sets.
func (s *Survey) Examples(most int) ([]string, error) {
	if s.Kind != samples.Kind {
		return nil, nil
	}
	set, err := samples.Open(s.Dir)
	if err != nil {
		return nil, err
	}
	schema := set.Schema()
	text := schema.Part("text")
	if text < 0 || schema.Parts[text].Element != samples.UTF8 {
		return nil, nil
	}
	var lines []string
	for i := range min(most, set.Len()) {
		sample, err := set.At(i)
		if err != nil {
			return nil, err
		}
		said := []string{string(sample[text].Data)}
		for k, p := range schema.Parts {
			if len(p.Classes) > 0 && p.Element == samples.Int32 {
				said = append(said, symbols(p, sample[k]))
			}
		}
		lines = append(lines, strings.Join(said, " → "))
	}
	return lines, nil
}

// symbols are the names of the classes that a value numbers, with spaces between them where they are words.
func symbols(p samples.Part, v samples.Value) string {
	var names []string
	between := ""
	for _, n := range v.Int32s() {
		name := fmt.Sprint(n)
		if int(n) < len(p.Classes) {
			name = p.Classes[n]
		}
		if len([]rune(name)) > 1 {
			between = " "
		}
		names = append(names, name)
	}
	return strings.Join(names, between)
}
