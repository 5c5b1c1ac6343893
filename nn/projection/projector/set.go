package projector

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/tensor"
)

// Set is points and what is known of them.
type Set struct {
	Name    string
	Points  tensor.Matrix
	Columns []string   // names of what is known of every point; the first one labels it
	Values  [][]string // by column, then by point

	Sprite    *Sprite // pictures of the points; nil: there are none
	Bookmarks []byte  // what TensorBoard's page keeps of them, as JSON; nil: nothing
}

// weight is how much memory the points and their pictures take, in words of four bytes.
func (s *Set) weight() int {
	n := len(s.Points.Data) + len(s.Bookmarks)/4
	if s.Sprite != nil {
		n += len(s.Sprite.Image) / 4
	}
	return n
}

// Bounds of what is read.
const (
	MostPoints  = 1 << 20
	mostNumbers = 1 << 28
	mostColumns = 64
	longestLine = 1 << 22
)

// ReadTSV reads points: a line each, with tabs between numbers.
func ReadTSV(r io.Reader) (tensor.Matrix, error) {
	var data []float32
	rows, cols := 0, 0
	err := lines(r, func(at int, line string) error {
		fields := strings.Split(line, "\t")
		if rows == 0 {
			cols = len(fields)
		}
		if len(fields) != cols {
			return fmt.Errorf("line %d has %d numbers, and the first has %d", at, len(fields), cols)
		}
		if rows == MostPoints || len(data) > mostNumbers-cols {
			return fmt.Errorf("line %d: more points than %d, or more numbers than %d", at, MostPoints, mostNumbers)
		}
		for _, f := range fields {
			v, err := strconv.ParseFloat(strings.TrimSpace(f), 32)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("line %d: %q is no number that a point can have", at, short(f))
			}
			data = append(data, float32(v))
		}
		rows++
		return nil
	})
	if err != nil {
		return tensor.Matrix{}, err
	}
	if rows == 0 {
		return tensor.Matrix{}, fmt.Errorf("no points; want a line for each, with tabs between its numbers")
	}
	return tensor.Of(data, rows, cols), nil
}

// ReadMetadata reads what is known of n points: a line each. Lines of one column have no head; before those of several
// stands a line with their names.
func ReadMetadata(r io.Reader, n int) (columns []string, values [][]string, err error) {
	row := 0
	err = lines(r, func(at int, line string) error {
		fields := strings.Split(line, "\t")
		if columns == nil {
			columns = []string{"label"}
			head := len(fields) > 1
			if head {
				columns = fields
			}
			if len(columns) > mostColumns {
				return fmt.Errorf("%d columns; at most %d", len(columns), mostColumns)
			}
			values = make([][]string, len(columns))
			if head {
				return nil
			}
		}
		if len(fields) != len(columns) {
			return fmt.Errorf("line %d has %d columns, and the first has %d", at, len(fields), len(columns))
		}
		if row == n {
			return fmt.Errorf("line %d: there are only %d points", at, n)
		}
		for c, f := range fields {
			values[c] = append(values[c], f)
		}
		row++
		return nil
	})
	if err == nil && row != n {
		err = fmt.Errorf("%d lines for %d points", row, n)
	}
	return columns, values, err
}

// lines calls each for every line, without its end. A last line may be empty.
func lines(r io.Reader, each func(at int, line string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, longestLine)
	at, empty := 0, 0
	for s.Scan() {
		at++
		line := strings.TrimSuffix(s.Text(), "\r")
		if line == "" {
			empty = at
			continue
		}
		if empty > 0 {
			return fmt.Errorf("line %d is empty", empty)
		}
		if err := each(at, line); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("line %d: %w", at+1, err)
	}
	return nil
}

func short(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}

// WriteMetadata writes what ReadMetadata reads. Tabs and ends of lines within a value become spaces; an empty value a dash.
func (s *Set) WriteMetadata(w io.Writer) error {
	b := bufio.NewWriter(w)
	clean := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	line := func(of func(c int) string) {
		for c := range s.Columns {
			if c > 0 {
				_ = b.WriteByte('\t')
			}
			value := clean.Replace(of(c))
			if value == "" {
				value = "-"
			}
			_, _ = b.WriteString(value) // Flush tells
		}
		_ = b.WriteByte('\n')
	}
	if len(s.Columns) > 1 {
		line(func(c int) string { return s.Columns[c] })
	}
	if len(s.Columns) > 0 {
		for i := range s.Points.Rows {
			line(func(c int) string { return s.Values[c][i] })
		}
	}
	return b.Flush()
}
