package cutting

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
)

// columns are the two columns that are taken, by name or by number.
type columns struct {
	named       bool
	names       [2]string // of text and class
	text, class int       // numbers from 0; with names those of the file that is read
}

// parseColumns reads the columns as the user gave them.
func parseColumns(text, class string) (columns, error) {
	c := columns{names: [2]string{text, class}}
	if text == "" || class == "" {
		return c, errors.New("which columns hold the text and the class? give --text and --class")
	}
	n, errText := strconv.Atoi(text)
	m, errClass := strconv.Atoi(class)
	switch {
	case text == class:
		return c, fmt.Errorf("column %s for both the text and the class", text)
	case errText == nil && errClass == nil && n >= 1 && m >= 1:
		c.text, c.class = n-1, m-1
	case errText != nil && errClass != nil:
		c.named = true
	default:
		return c, fmt.Errorf("columns %s and %s: want two names, or two numbers from 1 on", text, class)
	}
	return c, nil
}

// within finds the columns in the first row of a file.
func (c columns) within(header []string) (columns, error) {
	for i, at := range []*int{&c.text, &c.class} {
		if *at = slices.Index(header, c.names[i]); *at < 0 {
			return c, fmt.Errorf("no column %q, only %s", c.names[i], list(header))
		}
	}
	return c, nil
}

// rows calls each for the rows of a table until it is told to stop.
func (s *tableSet) rows(f files.File, each func(row) bool) error {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := unpacked(file)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	next := commaRows(r)
	if s.opts.Tabs || isTabs(f.Path) {
		next = tabRows(r, s.columns)
	}
	c := s.columns
	for first := true; ; first = false {
		fields, line, err := next()
		if err == io.EOF {
			return nil
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
		r := row{line: line}
		if last := max(c.text, c.class); last >= len(fields) {
			r.missing = fmt.Errorf("%d columns, and column %d is wanted", len(fields), last+1)
		} else {
			r.text, r.class = strings.TrimSpace(fields[c.text]), strings.TrimSpace(fields[c.class])
		}
		if !each(r) {
			return nil
		}
	}
}

// isTabs says whether a file has columns separated by tabs, by its name.
func isTabs(path string) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".bz2")
	return slices.Contains([]string{".tsv", ".txt"}, filepath.Ext(name))
}

// unpacked reads a file that may be packed by gzip or bzip2, without the byte order mark at its front.
func unpacked(f io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(f, 1<<16)
	head, _ := r.Peek(4) // a file may be shorter
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("packed by gzip, and damaged: %w", err)
		}
		r = bufio.NewReaderSize(z, 1<<16)
	case bytes.HasPrefix(head, []byte("BZh")):
		r = bufio.NewReaderSize(bzip2.NewReader(r), 1<<16)
	}
	if mark, _ := r.Peek(3); string(mark) == "\ufeff" {
		_, _ = r.Discard(3)
	}
	return r, nil
}

// commaRows reads comma-separated values. It gives the fields of a row and its line.
func commaRows(r io.Reader) func() ([]string, int, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	line := 0
	return func() ([]string, int, error) {
		fields, err := c.Read()
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, bad.StartLine, fmt.Errorf("column %d: %w", bad.Column, bad.Err)
		}
		if err == nil {
			line, _ = c.FieldPos(0)
		}
		return fields, line, err
	}
}

// longestLine bounds a line of a table in bytes.
const longestLine = 64 << 20

// tabRows reads lines of fields separated by tabs. The last column that is wanted, if they are wanted by number, reaches
// to the end of the line.
func tabRows(r io.Reader, c columns) func() ([]string, int, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	line, most := 0, -1
	if !c.named {
		most = max(c.text, c.class) + 1
	}
	return func() ([]string, int, error) {
		for lines.Scan() {
			line++
			if text := lines.Text(); strings.TrimSpace(text) != "" {
				return strings.SplitN(text, "\t", most), line, nil
			}
		}
		if err := lines.Err(); err != nil {
			return nil, line + 1, err
		}
		return nil, line, io.EOF
	}
}
