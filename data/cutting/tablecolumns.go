package cutting

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kinds of columns.
const (
	textColumn = iota
	valueColumns
	classColumn
	targetColumns
	transcriptColumn
	tagsColumn
	columnKinds
)

// columns are the columns that are taken, of each kind, by name or by number.
type columns struct {
	named bool
	names [columnKinds][]string
	at    [columnKinds][]int // numbers from 0; with names those of the file that is read
}

func (c columns) has(kind int) bool { return len(c.at[kind]) > 0 }

// last is the highest number of a column that is wanted.
func (c columns) last() int {
	last := -1
	for _, at := range c.at {
		for _, n := range at {
			last = max(last, n)
		}
	}
	return last
}

// parseColumns reads the columns as the user gave them.
func parseColumns(o TableOptions) (c columns, err error) {
	one := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	c.names = [columnKinds][]string{one(o.Text), o.Values, one(o.Class), o.Targets, one(o.Transcript), one(o.Tags)}
	switch {
	case o.Text == "" && len(o.Values) == 0:
		return c, errors.New("which columns say what a sample is? give --text, --values or both")
	case o.Class == "" && len(o.Targets) == 0 && o.Transcript == "" && o.Tags == "":
		return c, errors.New("which column is to be predicted? give --class, --tags, --target or --transcript")
	case o.Vocabulary < 0 || o.Vocabulary > mostWords:
		return c, fmt.Errorf("--vocabulary %d: from 0 to %d words are allowed", o.Vocabulary, mostWords)
	case o.Vocabulary > 0 && o.Text == "":
		return c, errors.New("--vocabulary is about --text")
	case o.Transcript == "" && o.Drop != "":
		return c, errors.New("--drop is about --transcript")
	case o.Transcript == "" && o.Tags == "" && o.Words:
		return c, errors.New("--words is about --transcript and --tags")
	case o.Tags != "" && (o.Class != "" || o.Text == ""):
		return c, errors.New("--tags are the classes of the bytes of a --text: they stand in place of --class")
	}
	taken, numbered := map[string]bool{}, 0
	for kind, names := range c.names {
		var at []int
		for _, name := range names {
			first, last, ok := columnNumbers(name)
			if !ok {
				at = append(at, 0) // found in the first row of a file
				if taken[name] {
					return c, fmt.Errorf("column %s for two things", name)
				}
				taken[name] = true
				continue
			}
			numbered++
			for n := first; n <= last; n++ {
				if text := strconv.Itoa(n); taken[text] {
					return c, fmt.Errorf("column %d for two things", n)
				} else {
					taken[text] = true
				}
				at = append(at, n-1)
			}
		}
		c.at[kind] = at
	}
	all := len(slices.Concat(c.names[:]...))
	if numbered != 0 && numbered != all || taken["0"] {
		return c, fmt.Errorf("columns %s: want names, or numbers from 1 on", strings.Join(slices.Concat(c.names[:]...), ", "))
	}
	c.named = numbered == 0
	return c, nil
}

// mostWords bounds a vocabulary: every checkpoint of a network that reads words holds it.
const mostWords = 1 << 18

// mostColumns bounds the columns of a range.
const mostColumns = 1 << 16

// columnNumbers reads a number, or a range such as 2-13.
func columnNumbers(text string) (first, last int, ok bool) {
	low, high, isRange := strings.Cut(text, "-")
	first, err := strconv.Atoi(low)
	if !isRange {
		return first, first, err == nil && first >= 1 && first <= mostColumns
	}
	last, errLast := strconv.Atoi(high)
	return first, last, err == nil && errLast == nil && first >= 1 && first <= last && last <= mostColumns
}

// within finds the columns in the first row of a file.
func (c columns) within(header []string) (columns, error) {
	for kind, names := range c.names {
		c.at[kind] = make([]int, len(names)) // of this file alone
		for i, name := range names {
			if c.at[kind][i] = slices.Index(header, name); c.at[kind][i] < 0 {
				return c, fmt.Errorf("no column %q, only %s", name, list(header))
			}
			if slices.Contains(header[c.at[kind][i]+1:], name) {
				return c, fmt.Errorf("two columns are called %q; which one is wanted? rename the other", name)
			}
		}
	}
	return c, nil
}

// title is what the user calls column i of a kind: its name, or its number.
func (c columns) title(kind, i int) string {
	if c.named {
		return c.names[kind][i]
	}
	return strconv.Itoa(c.at[kind][i] + 1)
}

// row is the columns of one line that are wanted.
type row struct {
	line    int
	fields  [columnKinds][]string
	missing error // a column is not there
}

// one is the field of a kind of which there is one column.
func (r row) one(kind int) string { return r.fields[kind][0] }

// take takes the columns that are wanted out of a line of a table whose first row has width columns. Of a line with more nobody
// knows in which its values stand.
func (c columns) take(line int, fields []string, width int) row {
	r := row{line: line}
	if last := c.last(); last >= len(fields) {
		r.missing = fmt.Errorf("%d columns, and column %d is wanted", len(fields), last+1)
		return r
	}
	if len(fields) > width {
		r.missing = fmt.Errorf("%d columns, and the first row has %d; is a text not quoted, or a tab in it?", len(fields), width)
		return r
	}
	for kind, at := range c.at {
		for _, n := range at {
			r.fields[kind] = append(r.fields[kind], strings.TrimSpace(fields[n]))
		}
	}
	return r
}

// problem is why a row cannot be taken, or nil.
func (c columns) problem(r row) error {
	if r.missing != nil {
		return r.missing
	}
	what := [columnKinds]string{textColumn: "text", classColumn: "class", transcriptColumn: "transcript", tagsColumn: "tags"}
	for _, kind := range []int{classColumn, textColumn, transcriptColumn, tagsColumn} {
		switch {
		case !c.has(kind):
		case r.one(kind) == "":
			return fmt.Errorf("its %s is empty", what[kind])
		case !utf8.ValidString(r.one(kind)):
			return errors.New("not UTF-8")
		case strings.Contains(r.one(kind), "\x00"):
			return fmt.Errorf("a zero byte in its %s", what[kind])
		}
	}
	for _, kind := range []int{valueColumns, targetColumns} {
		if _, err := r.numbers(kind, c); err != nil {
			return err
		}
	}
	return nil
}

// numbers reads the numbers of a kind of columns.
func (r row) numbers(kind int, c columns) ([]float32, error) {
	x := make([]float32, len(r.fields[kind]))
	for i, field := range r.fields[kind] {
		v, err := parseNumber(field)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.title(kind, i), err)
		}
		x[i] = v
	}
	return x, nil
}

// parseNumber reads a number as the nearest float32.
func parseNumber(text string) (float32, error) {
	v, err := strconv.ParseFloat(text, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%.40q is too large for a float32", text)
	case err != nil:
		return 0, fmt.Errorf("%.40q is not a number", text)
	case v-v != 0:
		return 0, fmt.Errorf("%.40q is not a finite number", text)
	}
	return float32(v), nil
}

// symbolsOf are the symbols of a row's transcript that are kept.
func (o TableOptions) symbolsOf(r row) (symbols []string) {
	if o.Transcript == "" {
		return nil
	}
	drop := o.split(o.Drop)
	for _, symbol := range o.split(r.one(transcriptColumn)) {
		if !slices.Contains(drop, symbol) {
			symbols = append(symbols, symbol)
		}
	}
	return symbols
}

// tagsOf are the tags of a row's text.
func (o TableOptions) tagsOf(r row) []string {
	if o.Tags == "" {
		return nil
	}
	return o.split(r.one(tagsColumn))
}

// split takes a column apart into symbols.
func (o TableOptions) split(text string) []string {
	if o.Words {
		return strings.Fields(text)
	}
	return strings.Split(text, "")
}
