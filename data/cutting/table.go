package cutting

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
)

// TableOptions say how tables of texts become shards.
type TableOptions struct {
	Options

	// Text and Class are the columns of the text and of its class: both names, as the first row has them, or both
	// numbers from 1 on, where there is no such row.
	Text, Class string

	// Tabs says that columns are separated by tabs, without quotes: the later of the two columns reaches to the end of its
	// line. Files whose names end in .tsv or .txt are taken so in any case, all others as comma-separated values (RFC 4180).
	Tabs bool
}

// tableNames are the files that are taken from a directory.
var tableNames = []string{"*.csv", "*.tsv", "*.txt", "*.csv.gz", "*.tsv.gz", "*.txt.gz", "*.csv.bz2", "*.tsv.bz2", "*.txt.bz2"}

// Table cuts tables of texts, a row each, packed by gzip or bzip2 or not. Every row is read twice: for the classes, which
// are numbered in natural order of their names, and for the texts.
func Table(opts TableOptions, paths []string) (Summary, error) {
	if err := opts.check(paths); err != nil {
		return Summary{}, err
	}
	columns, err := parseColumns(opts.Text, opts.Class)
	if err != nil {
		return Summary{}, err
	}
	found, left, err := opts.find(files.Options{Include: tableNames}, paths)
	if err != nil {
		return Summary{}, err
	}
	if len(found) == 0 {
		return Summary{}, fmt.Errorf("no table in %s", list(paths))
	}
	set := tableSet{opts: opts, columns: columns, files: found, training: len(paths)}
	if err := set.scan(); err != nil {
		return Summary{}, err
	}
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
		classPart(set.classes.names),
	}}
	sum, err := opts.cut(cutting{schema, set.sources, set.count, len(opts.HeldOut) > 0, false})
	sum.Classes, sum.LeftOut = set.classes.names, left
	return sum, err
}

// tableSet is tables that were read once.
type tableSet struct {
	opts     TableOptions
	columns  columns
	files    []files.File
	training int // of the paths, the first so many are training data
	classes  classes
	count    int // of rows
}

// scan reads all tables for the classes.
func (s *tableSet) scan() (err error) {
	train, held := map[string]bool{}, map[string]bool{}
	for _, f := range s.files {
		err := s.rows(f, func(r row) bool {
			s.count++
			if r.problem() == nil && f.From >= s.training {
				held[r.class] = true
			} else if r.problem() == nil {
				train[r.class] = true
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	s.classes, err = numberClasses(train, held)
	return err
}

// sources gives the rows of all tables.
func (s *tableSet) sources(yield func(source, error) bool) {
	for _, f := range s.files {
		more := true
		err := s.rows(f, func(r row) bool {
			place := fmt.Sprintf("%s:%d", f.Path, r.line)
			load := func() ([]samples.Sample, error) {
				if err := r.problem(); err != nil {
					return nil, err
				}
				return []samples.Sample{{samples.Text(r.text), samples.Class(s.classes.number[r.class])}}, nil
			}
			key := fmt.Sprintf("%s:%d", filepath.Base(f.Path), r.line)
			more = yield(source{place, key, f.From >= s.training, s.classes.number[r.class], load}, nil)
			return more
		})
		if err != nil {
			yield(source{}, err)
			return
		}
		if !more {
			return
		}
	}
}

// row is one text with its class.
type row struct {
	line        int
	text, class string
	missing     error // a column is not there
}

// problem is why the row cannot be taken, or nil.
func (r row) problem() error {
	switch {
	case r.missing != nil:
		return r.missing
	case r.class == "":
		return errors.New("its class is empty")
	case r.text == "":
		return errors.New("its text is empty")
	case !utf8.ValidString(r.text) || !utf8.ValidString(r.class):
		return errors.New("not UTF-8")
	case strings.Contains(r.text, "\x00"):
		return errors.New("a zero byte in its text")
	}
	return nil
}
