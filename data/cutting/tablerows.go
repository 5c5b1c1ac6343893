package cutting

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/packed"
)

// rows calls each for the rows of a table until it is told to stop.
func (s *tableSet) rows(f files.File, each func(row) bool) error {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := packed.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	next := commaRows(r)
	if s.opts.Tabs || isTabs(f.Path) {
		next = tabRows(r, s.columns)
	}
	c, width := s.columns, 0
	for first := true; ; first = false {
		fields, line, err := next()
		if err == io.EOF {
			return nil
		}
		if first {
			width = len(fields)
		}
		if err == nil && first && c.named {
			c, err = c.within(fields)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", f.Path, line, err)
		}
		if !each(c.take(line, fields, width)) {
			return nil
		}
	}
}

// isTabs says whether a file has columns separated by tabs, by its name.
func isTabs(path string) bool {
	return slices.Contains([]string{".tsv", ".txt"}, filepath.Ext(packed.Inner(path)))
}

// longestRow bounds a row of a table in bytes, roughly where it is comma-separated: a quote that is not closed takes the
// rest of a file for one field.
const longestRow = 64 << 20

var errLongRow = fmt.Errorf("a row of more than %d MiB", longestRow>>20)

// rowReader is a reader of rows, none of which is longer than longestRow.
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

// commaRows reads comma-separated values. It gives the fields of a row and its line.
func commaRows(r io.Reader) func() ([]string, int, error) {
	bounded := &rowReader{r: r}
	c := csv.NewReader(bounded)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	line := 0
	return func() ([]string, int, error) {
		bounded.left = longestRow
		fields, err := c.Read()
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			return nil, bad.StartLine, fmt.Errorf("column %d: %w", bad.Column, bad.Err)
		case errors.Is(err, errLongRow):
			return nil, line + 1, fmt.Errorf("%w: is a quote not closed?", err)
		case err == nil:
			line, _ = c.FieldPos(0)
		}
		return fields, line, err
	}
}

// tabRows reads lines of fields separated by tabs. A text that is the last column that is wanted, if columns are wanted
// by number, reaches to the end of the line.
func tabRows(r io.Reader, c columns) func() ([]string, int, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestRow)
	line, most := 0, -1
	if !c.named && c.has(textColumn) && c.at[textColumn][0] == c.last() {
		most = c.last() + 1
	}
	return func() ([]string, int, error) {
		for lines.Scan() {
			line++
			if text := lines.Text(); strings.TrimSpace(text) != "" {
				return strings.SplitN(text, "\t", most), line, nil
			}
		}
		if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			return nil, line + 1, errLongRow
		} else if err != nil {
			return nil, line + 1, err
		}
		return nil, line, io.EOF
	}
}
