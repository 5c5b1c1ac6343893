package runfile

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse gives Parse any text: it answers with a File that YAML prints and Parse reads back, or with an
// *Error on one line.
func FuzzParse(f *testing.F) {
	for _, text := range []string{example, "", "a: &x [*x]", "? {a: b}\n: c", "- - -", "%YAML 1.2\n---\n...", "data: {train: t}\nsteps: 1_0",
		"data: {train: \"\\u200b\\\"\"}", "data:\n  train: |\n    a", "\xff\xfe", "a: 'b\n c", "<<: *a", "!!x y: z", "{{{{", "model: {cell: !a &b lstm}"} {
		f.Add(text, "batch.lanes=4")
	}
	f.Fuzz(func(t *testing.T, text, set string) {
		var sets []string
		if set != "" {
			sets = []string{set}
		}
		file, err := Parse("r.yaml", []byte(text), sets)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || (!strings.Contains(set, "\n") && strings.Contains(err.Error(), "\n")) {
				t.Fatalf("%q: error %#v", text, err)
			}
			return
		}
		again, err := Parse("other.yaml", []byte(file.YAML()), nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, file.YAML())
		}
		if !reflect.DeepEqual(file, again) {
			t.Fatalf("read back as %+v\nfrom\n%s", again, file.YAML())
		}
	})
}

// TestDeep gives Parse the texts that are deepest for their length.
func TestDeep(t *testing.T) {
	for _, piece := range []string{"[", "{", "- ", "? ", "{a: ", "a: {", "[[],", "!a ", "&a ", "\"", "'", "|\n ", "a:\n"} {
		text := strings.Repeat(piece, maxText/len(piece))
		if _, err := Parse("r.yaml", []byte(text), nil); err == nil {
			t.Errorf("%q, repeated, is a run file", piece)
		}
	}
}
