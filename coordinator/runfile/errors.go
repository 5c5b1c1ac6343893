package runfile

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/fields"
)

// Error is one thing wrong with a run file or with a --set flag.
type Error struct {
	File   string // name of the file; of a flag, the flag as it was given
	Line   int    // from 1; 0 where no line is to blame (a flag, a field that is missing)
	Field  string // path of the field, or empty
	Found  string // what is there
	Want   string // what is allowed, and what to do
	Source string // text of the line, for those who show it
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	if e.Found != "" {
		b.WriteString(": found " + e.Found)
	}
	if e.Want != "" {
		sep := ", want "
		if e.Found == "" {
			sep = ": "
		}
		b.WriteString(sep + e.Want)
	}
	return b.String()
}

// place is where a field was given: a line of the file, or a flag.
type place struct {
	file   string
	line   int
	source string
}

func (p place) blame(path, found, want string) *Error {
	return &Error{File: p.file, Line: p.line, Source: p.source, Field: path, Found: found, Want: want}
}

// flagPlace is the place of a --set.
func flagPlace(set string) place {
	if len(set) > 4096 {
		set = quote(set)
	}
	return place{file: "--set " + objects.Shown(set)}
}

// quote shows a piece of the input: printable, on one line, of bounded length, without the secrets of an address.
func quote(text string) string {
	const most = 60
	text = objects.Shown(text)
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}

// elsewhere has fields by the names that others know them by.
var elsewhere = map[string]string{
	"epochs":        "a run is as long as its steps; an epoch has as many as data.train has samples by batch.global",
	"batch_size":    "it is batch.global",
	"learning_rate": "it is optimizer.lr",
	"lr":            "it is optimizer.lr",
	"num_classes":   "it is model.classes",
}

// unknown says which names are allowed in place of name, and the nearest one if it may be a typing slip, or what another
// program's word is here.
func unknown(name string, known []string) string {
	list, nearest := fields.Among(name, known)
	if here := elsewhere[name]; nearest == "" && here != "" {
		list += " (" + here + ")"
	}
	return "one of " + list
}
