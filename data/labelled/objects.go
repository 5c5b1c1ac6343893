package labelled

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/reviews"
)

// objectRows reads a JSON object to a line.
func objectRows(r io.Reader, opt Options) rows {
	next, begun := lines(r), false
	return func() (string, string, int, error) {
		row, line, err := next()
		if err == nil && !begun {
			begun, err = true, reviews.BeginsLines(row)
		}
		if err != nil {
			return "", "", line, err
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(row), &object); err != nil {
			return "", "", line, fmt.Errorf("not a JSON object: %w", err)
		}
		rawText, err := member(object, "text", opt.Text, textNames)
		if err != nil {
			return "", "", line, err
		}
		rawLabel, err := member(object, "label", opt.Label, labelNames)
		if err != nil {
			return "", "", line, err
		}
		var text string
		if err := json.Unmarshal(rawText, &text); err != nil {
			return "", "", line, fmt.Errorf("the text is %s; a string is wanted", cut(string(rawText)))
		}
		return text, labelOf(rawLabel), line, nil
	}
}

func member(object map[string]json.RawMessage, what, want string, usual []string) (json.RawMessage, error) {
	if want != "" {
		usual = []string{want}
	}
	for _, name := range usual {
		if v, ok := object[name]; ok {
			return v, nil
		}
		first, behind, isPath := strings.Cut(name, ".")
		var within map[string]json.RawMessage
		if isPath && json.Unmarshal(object[first], &within) == nil {
			return member(within, what, behind, nil)
		}
	}
	return nil, fmt.Errorf("no %s under %s; the object has %s", what, strings.Join(usual, ", "), cut(strings.Join(slices.Sorted(maps.Keys(object)), ", ")))
}

// labelOf is a label as text: of a number, a string or a truth value.
func labelOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	switch string(raw) {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	return string(raw)
}
