package labelled

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/packed"
)

// Texts are what a file holds, in its order.
type Texts struct {
	Texts    []string
	Positive []bool // labelled 1
}

// Options say where things are.
type Options struct {
	Text, Label string // columns: a name, a number from 1 on, or a key; empty: found
	Most        int    // texts to read at most; 0: all
}

// Limits on what is held in memory.
const (
	longestRow = 64 << 20
	mostBytes  = 4 << 30
)

// Read reads a file.
func Read(path string, opt Options) (*Texts, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory; a file of labelled texts is wanted", path)
	}
	return Decode(path, f, opt)
}

// Decode reads a file's bytes. Its name tells the format, and stands in errors.
func Decode(name string, r io.Reader, opt Options) (*Texts, error) {
	return decode(name, r, opt, mostBytes)
}

// decode is Decode of at most so many bytes of text.
func decode(name string, r io.Reader, opt Options, most int) (*Texts, error) {
	b, err := packed.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &Texts{}
	next := rowsOf(name, b, opt)
	size := 0
	for opt.Most == 0 || len(t.Texts) < opt.Most {
		text, label, line, err := next()
		if err == io.EOF {
			break
		}
		positive, bad := false, error(nil)
		if err == nil {
			positive, bad = parseLabel(label)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		case bad != nil:
			return nil, fmt.Errorf("%s:%d: %w", name, line, bad)
		}
		if size += len(text); size > most {
			return nil, fmt.Errorf("%s:%d: more than %d MiB of text; read fewer texts", name, line, most>>20)
		}
		t.Texts, t.Positive = append(t.Texts, strings.Clone(text)), append(t.Positive, positive)
	}
	if len(t.Texts) == 0 {
		return nil, fmt.Errorf("%s: no text in it", name)
	}
	return t, nil
}

func parseLabel(label string) (positive bool, err error) {
	switch strings.TrimSpace(label) {
	case "1", "1.0":
		return true, nil
	case "0", "0.0":
		return false, nil
	}
	if len(label) > 40 {
		label = label[:40] + "…"
	}
	return false, fmt.Errorf("the label is %q; 0 or 1 is wanted", label)
}

// rows gives the text and the label of the next row and its line, and io.EOF behind the last.
type rows func() (text, label string, line int, err error)

func rowsOf(name string, r *bufio.Reader, opt Options) rows {
	switch filepath.Ext(packed.Inner(name)) {
	case ".csv":
		return tableRows(commaFields(r), opt, false)
	case ".json", ".jsonl", ".ndjson":
		return objectRows(r, opt)
	}
	return tableRows(tabFields(r), opt, true)
}
