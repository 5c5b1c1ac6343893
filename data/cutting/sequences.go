package cutting

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rondo-ml/rondo/data/packed"
)

// sequence is consecutive lines of a file, none of them empty.
type sequence struct {
	first int // number of its first line, from 1 on
	lines []string
}

// sequenceReader reads the sequences of one file.
type sequenceReader struct {
	f     io.Closer
	lines *bufio.Scanner
	line  int
}

func openSequences(path string) (*sequenceReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := packed.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return newSequenceReader(f, r), nil
}

func newSequenceReader(f io.Closer, r io.Reader) *sequenceReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestRow)
	return &sequenceReader{f: f, lines: lines}
}

func (r *sequenceReader) close() { r.f.Close() }

// longestSequence bounds the text of a sequence in bytes.
const longestSequence = 256 << 20

// next is the next sequence; the error names the line, and is [io.EOF] at the end.
func (r *sequenceReader) next() (q sequence, err error) {
	size := 0
	for r.lines.Scan() {
		r.line++
		text := r.lines.Text()
		if strings.TrimSpace(text) == "" {
			if q.lines != nil {
				return q, nil
			}
			continue
		}
		if q.lines == nil {
			q.first = r.line
		}
		if size += len(text); size > longestSequence {
			return q, fmt.Errorf("the sequence from line %d on has more than %d MiB; empty lines separate sequences", q.first, longestSequence>>20)
		}
		q.lines = append(q.lines, text)
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return q, fmt.Errorf("line %d: %w", r.line+1, errLongRow)
	case err != nil:
		return q, fmt.Errorf("line %d: %w", r.line+1, err)
	case q.lines == nil:
		return q, io.EOF
	}
	return q, nil
}

// fieldsOf cuts a line at spaces, tabs, commas and semicolons.
func fieldsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t,;\r", r) })
}

// numbers are those of all frames, of so many columns each.
func (q sequence) numbers(columns int) ([]float32, error) {
	var x []float32 // grows with what is there: a first frame of many numbers says nothing of the others
	for i, line := range q.lines {
		fields := fieldsOf(line)
		if len(fields) != columns {
			return nil, fmt.Errorf("line %d: a frame of %d numbers, and the first one has %d", q.first+i, len(fields), columns)
		}
		for _, field := range fields {
			v, err := parseNumber(field)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", q.first+i, err)
			}
			x = append(x, v)
		}
	}
	return x, nil
}
