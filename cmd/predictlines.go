package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// said is what a model says of one input, as JSON has it: one of the fields beside the input.
type said struct {
	Input   string      `json:"input"`
	Classes []guess     `json:"classes,omitempty"` // the likeliest first
	Steps   []guess     `json:"steps,omitempty"`   // the likeliest of each time step
	Labels  []guess     `json:"labels,omitempty"`  // all, each by itself
	Shares  []sharePart `json:"shares,omitempty"`  // of a picture's pixels
	Mask    string      `json:"mask,omitempty"`    // path of the mask that was written
	Symbols []string    `json:"symbols,omitzero"`  // of a transcript
	Values  []float32   `json:"values,omitempty"`
}

type guess struct {
	Class       string  `json:"class"`
	Number      int     `json:"number"`
	Probability float64 `json:"probability"`
}

type sharePart struct {
	Class  string  `json:"class"`
	Number int     `json:"number"`
	Share  float64 `json:"share"`
}

// print prints a line of text, or of JSON.
func (s said) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", visible([]byte(s.Input)), visible([]byte(s.text())))
	return err
}

func (s said) text() string {
	var parts []string
	for _, g := range append(s.Classes, s.Labels...) {
		parts = append(parts, fmt.Sprintf("%s %.4f", g.Class, g.Probability))
	}
	for _, p := range s.Shares {
		parts = append(parts, fmt.Sprintf("%s %.2f %%", p.Class, 100*p.Share))
	}
	if s.Mask != "" {
		parts = append(parts, s.Mask)
	}
	for _, v := range s.Values {
		parts = append(parts, strconv.FormatFloat(float64(v), 'g', 6, 32))
	}
	if parts != nil {
		return strings.Join(parts, ", ")
	}
	names := s.Symbols
	for _, g := range s.Steps {
		names = append(names, g.Class)
	}
	between := "" // characters stand side by side, words apart
	for _, name := range names {
		if len([]rune(name)) > 1 {
			between = " "
		}
	}
	return strings.Join(names, between)
}
