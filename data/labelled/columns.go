package labelled

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Names that columns go by, in the order in which they are taken.
var (
	textNames  = []string{"text", "sentence", "review", "content"}
	labelNames = []string{"label", "sentiment", "class", "polarity"}
)

// fields gives the fields of the next row, and its line.
type fields func() (row []string, line int, err error)

// tableRows takes two columns of a table. Where tabs separate them, a text in the last column has all that is left of its row.
func tableRows(next fields, opt Options, tabs bool) rows {
	text, label, width, known, named := 0, 0, 0, false, false
	return func() (string, string, int, error) {
		row, line, err := next()
		if err != nil {
			return "", "", line, err
		}
		if !known {
			if text, label, named, err = findColumns(row, opt); err != nil {
				return "", "", line, err
			}
			known, width = true, len(row)
			if named {
				if row, line, err = next(); err != nil {
					return "", "", line, err
				}
			}
		}
		if most := max(text, label); most >= len(row) {
			return "", "", line, fmt.Errorf("%d columns; column %d is wanted", len(row), most+1)
		}
		if tabs && text == width-1 && len(row) > width {
			return strings.Join(row[text:], "\t"), row[label], line, nil
		}
		if len(row) > width || len(row) < width && !named { // else a part of the text may stand in another column
			return "", "", line, fmt.Errorf("%d columns, and the first row has %d; is a text not quoted, or a tab in it?", len(row), width)
		}
		return row[text], row[label], line, nil
	}
}

// findColumns finds the two columns by the first row, and says whether that row is names.
func findColumns(row []string, opt Options) (text, label int, named bool, err error) {
	text, textNamed, err := findColumn(row, "text", opt.Text, textNames)
	if err != nil {
		return 0, 0, false, err
	}
	label, labelNamed, err := findColumn(row, "label", opt.Label, labelNames)
	if err != nil {
		return 0, 0, false, err
	}
	if text < 0 && label < 0 && len(row) == 2 {
		for i := range row {
			if _, bad := parseLabel(row[i]); bad == nil {
				return 1 - i, i, false, nil
			}
		}
	}
	if text < 0 && label >= 0 && len(row) == 2 {
		text = 1 - label
	}
	if label < 0 && text >= 0 && len(row) == 2 {
		label = 1 - text
	}
	if text < 0 || label < 0 || text == label {
		return 0, 0, false, fmt.Errorf("which of the %d columns hold the text and the label is not plain; name both, or give their numbers", len(row))
	}
	if _, bad := parseLabel(row[label]); bad != nil && !textNamed && !labelNamed && slices.Contains(labelNames, strings.ToLower(strings.TrimSpace(row[label]))) {
		return text, label, true, nil // numbers were given, and the first row is names all the same
	}
	return text, label, textNamed || labelNamed, nil
}

// findColumn finds a column: -1 if it is not said and no name tells.
func findColumn(row []string, what, want string, usual []string) (at int, named bool, err error) {
	trimmed := make([]string, len(row))
	for i, name := range row {
		trimmed[i] = strings.TrimSpace(name)
	}
	if n, err := strconv.Atoi(want); err == nil {
		if n < 1 || n > len(row) {
			return 0, false, fmt.Errorf("no column %d for the %s; there are %d, from 1 on", n, what, len(row))
		}
		return n - 1, false, nil
	}
	if want != "" {
		at := slices.Index(trimmed, want)
		if at < 0 {
			return 0, false, fmt.Errorf("no column %q for the %s; there are %s", want, what, cut(strings.Join(trimmed, ", ")))
		}
		return at, true, nil
	}
	for _, name := range usual {
		for i := range trimmed {
			if strings.EqualFold(trimmed[i], name) {
				return i, true, nil
			}
		}
	}
	return -1, false, nil
}

func cut(text string) string {
	if len(text) > 120 {
		return text[:120] + "…"
	}
	return text
}

// bounded is a reader of rows, none of which is longer than longestRow.
type bounded struct {
	r    io.Reader
	left int // of the present row
}

var errLong = fmt.Errorf("a row of more than %d MiB", longestRow>>20)

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func commaFields(r io.Reader) fields {
	b := &bounded{r: r}
	c := csv.NewReader(b)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	line := 0
	return func() ([]string, int, error) {
		b.left = longestRow
		row, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			return nil, bad.StartLine, fmt.Errorf("column %d: %w", bad.Column, bad.Err)
		case errors.Is(err, errLong):
			return nil, line + 1, fmt.Errorf("%w: is a quote not closed?", err)
		case err != nil: // behind the last row that was read
			return nil, line + 1, err
		}
		line, _ = c.FieldPos(0)
		return row, line, nil
	}
}

// lines gives lines that are not empty.
func lines(r io.Reader) func() (text string, line int, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, longestRow)
	line := 0
	return func() (string, int, error) {
		for s.Scan() {
			line++
			if text := s.Text(); strings.TrimSpace(text) != "" {
				return text, line, nil
			}
		}
		switch err := s.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			return "", line + 1, errLong
		case err != nil:
			return "", line + 1, err
		}
		return "", line, io.EOF
	}
}

func tabFields(r io.Reader) fields {
	next := lines(r)
	return func() ([]string, int, error) {
		row, line, err := next()
		if err != nil {
			return nil, line, err
		}
		return strings.Split(row, "\t"), line, nil
	}
}
