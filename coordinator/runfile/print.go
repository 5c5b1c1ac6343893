package runfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn/fields"
)

// YAML prints the whole file, each field with its value and a word on what it is. Parse reads it back to an
// equal File.
func (f *File) YAML() string {
	var b strings.Builder
	section := ""
	for _, d := range f.all() {
		if d.misplaced(f) != "" {
			continue
		}
		head, name, nested := strings.Cut(d.path, ".")
		indent := ""
		if nested {
			if head != section {
				fmt.Fprintf(&b, "%s:\n", head)
			}
			indent = "  "
		} else {
			name, head = head, ""
		}
		section = head
		line := fmt.Sprintf("%s%s: %s", indent, name, d.scalar(f))
		about := d.about
		if about == "" && d.oneOf != nil {
			about = strings.Join(d.oneOf(), ", ")
		}
		if about != "" {
			line = fmt.Sprintf("%-31s # %s", line, about)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// scalar is the field's value as YAML.
func (d *field) scalar(f *File) string {
	text := d.text(f)
	if fields.IsList(d.at(f)) {
		return "[" + text + "]"
	}
	if _, ok := d.at(f).(*string); !ok || plain(text) {
		return text
	}
	return strconv.Quote(text)
}

// plain reports whether text needs no quotes in YAML: words and paths that no parser takes for another type.
func plain(text string) bool {
	switch strings.ToLower(text) {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return false
	}
	first := text[0] | 0x20
	return 'a' <= first && first <= 'z' && !strings.ContainsFunc(text, func(r rune) bool { return !nameRune(r) && r != '/' })
}
