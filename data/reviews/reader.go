package reviews

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/packed"
)

// Format is the form of a file of reviews.
type Format string

// The formats that a [Reader] reads.
const (
	Lines  Format = "text"  // a review a line
	Tabs   Format = "tsv"   // columns separated by tabs, without quotes
	Commas Format = "csv"   // comma-separated values, as of RFC 4180
	JSON   Format = "jsonl" // an object a line
)

// extensions are the formats of files by the ends of their names.
var extensions = map[string]Format{
	".txt": Lines, ".tsv": Tabs, ".csv": Commas, ".json": JSON, ".jsonl": JSON, ".ndjson": JSON,
}

// Patterns are the names of files of reviews, as [path.Match] takes them.
func Patterns() (patterns []string) {
	for extension := range extensions {
		for _, ending := range append(packed.Endings(), "") {
			patterns = append(patterns, "*"+extension+ending)
		}
	}
	slices.Sort(patterns)
	return patterns
}

// FormatOf is the format of a file by its name, which may end in .gz, .bz2 or .zst; "" if the name tells none.
func FormatOf(path string) Format {
	return extensions[filepath.Ext(packed.Inner(path))]
}

// LongestRow bounds a row in bytes.
const LongestRow = 16 << 20

var errLongRow = fmt.Errorf("a row of more than %d MiB", LongestRow>>20)

// Row is a row of a file. The row of a reader of comma-separated values is the review alone.
type Row struct {
	Line int // from 1 on
	Text string
	Err  error // why the row has no review; the next ones may have
}

// Reader reads rows of reviews. Only Next must not be called by several goroutines at once.
type Reader struct {
	format Format
	field  string // of an object, or the name of a column in the first row
	column int    // from 0 on; -1: still to be found in the first row
	named  bool   // columns are named in the first row

	next func() (Row, error)
}

// NewReader begins to read a file. field is the column, by name or by number from 1 on, or the member of an object that
// is the review; "" for lines. A member within a member is a name with a point in it: "review.text".
func NewReader(r io.Reader, format Format, field string) (*Reader, error) {
	x := &Reader{format: format, field: field, column: -1}
	switch {
	case !slices.Contains([]Format{Lines, Tabs, Commas, JSON}, format):
		return nil, fmt.Errorf("format %q: text, tsv, csv or jsonl is wanted", string(format))
	case format == Lines && field != "":
		return nil, fmt.Errorf("a line of a text is a review and has no part %q; is it of another format, such as tsv?", field)
	case format != Lines && field == "":
		return nil, fmt.Errorf("%s: which column or field is the review?", format)
	}
	if n, err := strconv.Atoi(field); err == nil && format != JSON {
		if n < 1 || n > 1<<16 {
			return nil, fmt.Errorf("column %d: columns count from 1 to %d", n, 1<<16)
		}
		x.column = n - 1
	}
	x.named = format != JSON && format != Lines && x.column < 0
	if x.next = scanLines(r); format == Commas {
		x.next = x.records(r)
	}
	return x, nil
}

// Next returns the next row. At the end of the file the error is [io.EOF]; another one says at which line the file cannot
// be read further.
func (x *Reader) Next() (Row, error) {
	for {
		row, err := x.next()
		switch {
		case err != nil || row.Err != nil:
			return row, err
		case x.format == Tabs && x.named && x.column < 0:
			if err := x.find(strings.Split(row.Text, "\t")); err != nil {
				return row, err
			}
		default:
			return row, nil
		}
	}
}

// find finds the column in the first row.
func (x *Reader) find(names []string) error {
	if x.column = slices.Index(names, x.field); x.column < 0 {
		return fmt.Errorf("no column %q in the first row, which has %s", x.field, listed(names))
	}
	return nil
}

// listed names the first of some names.
func listed(names []string) string {
	const most = 8
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, fmt.Sprintf("%.40q", name))
	}
	return strings.Join(quoted, ", ") + more
}

// scanLines reads lines.
func scanLines(r io.Reader) func() (Row, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, LongestRow)
	line := 0
	return func() (Row, error) {
		if line++; lines.Scan() {
			return Row{Line: line, Text: lines.Text()}, nil
		}
		err := lines.Err()
		switch {
		case err == nil:
			err = io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			err = errLongRow
		}
		return Row{Line: line}, err
	}
}

// records reads comma-separated values.
func (x *Reader) records(r io.Reader) func() (Row, error) {
	bounded := &rowReader{r: r}
	c := csv.NewReader(bounded)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	line := 0
	return func() (Row, error) {
		for {
			bounded.left = LongestRow
			fields, err := c.Read()
			var bad *csv.ParseError
			switch {
			case errors.Is(err, errLongRow):
				return Row{Line: line + 1}, fmt.Errorf("%w: is a quote not closed?", err)
			case errors.As(err, &bad):
				line = bad.Line
				return Row{Line: bad.StartLine, Err: fmt.Errorf("column %d: %w", bad.Column, bad.Err)}, nil
			case err != nil:
				return Row{Line: line + 1}, err
			}
			line, _ = c.FieldPos(0)
			switch {
			case x.column < 0:
				if err := x.find(fields); err != nil {
					return Row{Line: line}, err
				}
			case x.column >= len(fields):
				return Row{Line: line, Err: fmt.Errorf("%d columns, and column %d is wanted", len(fields), x.column+1)}, nil
			default:
				return Row{Line: line, Text: strings.Clone(fields[x.column])}, nil
			}
		}
	}
}

// rowReader is a reader of rows, none of which is longer than LongestRow.
type rowReader struct {
	r    io.Reader
	left int // of the present row
}

func (b *rowReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
