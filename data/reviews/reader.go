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
	width  int    // how many columns the first row has; 0: it was not read
	header string // a first row of names that was passed over

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
		case x.format == Tabs && x.width == 0 && (x.named || strings.TrimSpace(row.Text) != ""):
			names, err := x.first(strings.Split(row.Text, "\t"))
			if err != nil || !names {
				return row, err
			}
		case x.format == JSON && x.width == 0 && strings.TrimSpace(row.Text) != "":
			x.width = 1
			return row, BeginsLines(row.Text)
		default:
			return row, nil
		}
	}
}

// Header is the first row of a file whose column is a number, where that row was passed over as names; else "".
func (x *Reader) Header() string { return x.header }

// first takes the first row, and says whether it is names. The column by name is found in it.
func (x *Reader) first(row []string) (names bool, err error) {
	x.width = len(row)
	switch {
	case x.named:
		if x.column = slices.Index(row, x.field); x.column < 0 {
			err = fmt.Errorf("no column %q in the first row, which has %s", x.field, listed(row))
		}
		return true, err
	case slices.ContainsFunc(row, isName):
		x.header = listed(row)
		return true, nil
	}
	return false, nil
}

// isName says whether a cell is what a column of reviews, or of their labels, is usually called.
func isName(cell string) bool {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "text", "sentence", "review", "content", "label", "sentiment", "class", "polarity":
		return true
	}
	return false
}

// fits is an error of a row whose columns are not those of the first row: a part of the review may stand in another one. Where columns are
// named, those that are missing are not the review's.
func (x *Reader) fits(columns int) error {
	switch {
	case x.column >= columns:
		return fmt.Errorf("%d columns, and column %d is wanted", columns, x.column+1)
	case columns > x.width, columns < x.width && !x.named:
		why := "is a text not quoted?"
		if x.format == Tabs {
			why = "is a tab in a text?"
		}
		return fmt.Errorf("%d columns, and the first row has %d; %s", columns, x.width, why)
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
			if x.width == 0 {
				if names, err := x.first(fields); err != nil {
					return Row{Line: line}, err
				} else if names {
					continue
				}
			}
			if err := x.fits(len(fields)); err != nil {
				return Row{Line: line, Err: err}, nil
			}
			return Row{Line: line, Text: strings.Clone(fields[x.column])}, nil
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
