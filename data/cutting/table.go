package cutting

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/words"
)

// TableOptions say how tables become shards, a sample a row. Columns are all given by the names in the first row, or all
// by numbers from 1 on, where there is no such row. A sample has a text, values or both, and a class or tags, targets or a
// transcript, one or more of the three.
type TableOptions struct {
	Options

	Text       string   // column of a text
	Values     []string // columns of numbers that describe the sample; also ranges, such as 2-13
	Class      string   // column of a class
	Targets    []string // columns of numbers to be predicted; also ranges
	Transcript string   // column of a sequence of symbols: its characters, or words if Words is set
	Tags       string   // column of the classes of a text's bytes: a symbol for each, as in transcripts

	Words bool   // the symbols of transcripts and tags are separated by spaces
	Drop  string // symbols of transcripts that are not kept: characters, or with Words words separated by spaces

	// Vocabulary, if above 0, gives samples with a text a part words beside it: the numbers of the text's words among the so
	// many most frequent ones of the training set. See package words.
	Vocabulary int

	// Tabs says that columns are separated by tabs, without quotes: a text that is the last column wanted reaches to the end
	// of its line. Files whose names end in .tsv or .txt are taken so in any case, all others as comma-separated values
	// (RFC 4180).
	Tabs bool
}

// tableNames are the files that are taken from a directory.
var tableNames = []string{"*.csv", "*.tsv", "*.txt", "*.csv.gz", "*.tsv.gz", "*.txt.gz", "*.csv.bz2", "*.tsv.bz2", "*.txt.bz2",
	"*.csv.zst", "*.tsv.zst", "*.txt.zst"}

// Table cuts tables, packed by gzip, bzip2 or zstd or not. Every row is read twice: for the classes and symbols, which are
// numbered in natural order of their names, and for the samples.
func Table(opts TableOptions, paths []string) (Summary, error) {
	if err := opts.check(paths); err != nil {
		return Summary{}, err
	}
	columns, err := parseColumns(opts)
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
	sum, err := opts.cut(cutting{set.schema(), set.sources, set.count, len(opts.HeldOut) > 0, false, plan{Kind: "csv", Options: opts, Inputs: found}})
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
	symbols  classes // of transcripts
	tags     classes
	words    words.Vocabulary
	count    int // of rows
}

func (s *tableSet) schema() samples.Schema {
	var parts []samples.Part
	c := s.columns
	if c.has(textColumn) {
		parts = append(parts, samples.Part{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}})
	}
	if s.opts.Vocabulary > 0 {
		parts = append(parts, samples.Part{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: s.words.Names})
	}
	if c.has(valueColumns) {
		parts = append(parts, samples.Part{Name: "values", Element: samples.Float32, Shape: []int{len(c.at[valueColumns])}})
	}
	if c.has(classColumn) {
		parts = append(parts, classPart(s.classes.names))
	}
	if c.has(tagsColumn) {
		parts = append(parts, samples.Part{Name: "class", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: s.tags.names})
	}
	if c.has(targetColumns) {
		parts = append(parts, samples.Part{Name: "target", Element: samples.Float32, Shape: []int{len(c.at[targetColumns])}})
	}
	if c.has(transcriptColumn) {
		parts = append(parts, samples.Part{Name: "transcript", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: s.symbols.names})
	}
	return samples.Schema{Parts: parts}
}

// held says whether a row is held out.
func (s *tableSet) held(f files.File, key string) bool {
	return f.From >= s.training || len(s.opts.HeldOut) == 0 && files.Draw(key) < s.opts.Valid
}

func keyOf(f files.File, r row) string { return fmt.Sprintf("%s:%d", filepath.Base(f.Path), r.line) }

// scan reads all tables for the classes, the symbols and the words.
func (s *tableSet) scan() (err error) {
	var classes, symbols, tags [2]map[string]bool // of training and held-out rows
	for set := range 2 {
		classes[set], symbols[set], tags[set] = map[string]bool{}, map[string]bool{}, map[string]bool{}
	}
	counts := map[string]int{} // of the words of the training set
	for _, f := range s.files {
		set := btoi(f.From >= s.training)
		err := s.rows(f, func(r row) bool {
			s.count++
			if s.columns.problem(r) != nil {
				return true
			}
			if s.columns.has(classColumn) {
				classes[set][r.one(classColumn)] = true
			}
			for _, symbol := range s.opts.symbolsOf(r) {
				symbols[set][symbol] = true
			}
			for _, tag := range s.opts.tagsOf(r) {
				tags[set][tag] = true
			}
			if s.opts.Vocabulary > 0 && !s.held(f, keyOf(f, r)) {
				for _, word := range words.Split(r.one(textColumn)) {
					counts[word]++
				}
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	s.words = words.Most(counts, s.opts.Vocabulary)
	if s.classes, err = numberClasses(classes[0], classes[1]); err != nil {
		return err
	}
	if s.symbols, err = numberClasses(symbols[0], symbols[1]); err != nil {
		return fmt.Errorf("symbols of transcripts: %w", err)
	}
	if s.tags, err = numberClasses(tags[0], tags[1]); err != nil {
		return fmt.Errorf("tags: %w", err)
	}
	return nil
}

// sources gives the rows of all tables.
func (s *tableSet) sources(yield func(source, error) bool) {
	for _, f := range s.files {
		more := true
		err := s.rows(f, func(r row) bool {
			place := fmt.Sprintf("%s:%d", f.Path, r.line)
			load := func() ([]samples.Sample, error) {
				sample, err := s.sample(r)
				return []samples.Sample{sample}, err
			}
			key := keyOf(f, r)
			class := -1
			if s.columns.has(classColumn) && r.missing == nil {
				class = s.classes.number[r.one(classColumn)]
			}
			more = yield(source{path: place, key: key, held: f.From >= s.training, class: class, load: load}, nil)
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

// sample makes the parts of a row, in the order of the schema.
func (s *tableSet) sample(r row) (samples.Sample, error) {
	c := s.columns
	if err := c.problem(r); err != nil {
		return nil, err
	}
	var sample samples.Sample
	if c.has(textColumn) {
		sample = append(sample, samples.Text(r.one(textColumn)))
	}
	if s.opts.Vocabulary > 0 {
		sample = append(sample, samples.Classes(s.words.Numbers(r.one(textColumn))))
	}
	if c.has(valueColumns) {
		x, _ := r.numbers(valueColumns, c) // without an error: the row has no problem
		sample = append(sample, samples.Float32s(x))
	}
	if c.has(classColumn) {
		sample = append(sample, samples.Class(s.classes.number[r.one(classColumn)]))
	}
	if c.has(tagsColumn) {
		tags := s.tags.numbers(s.opts.tagsOf(r))
		if text := r.one(textColumn); len(tags) != len(text) {
			return nil, fmt.Errorf("%d tags for a text of %d bytes", len(tags), len(text))
		}
		sample = append(sample, samples.Classes(tags))
	}
	if c.has(targetColumns) {
		x, _ := r.numbers(targetColumns, c)
		sample = append(sample, samples.Float32s(x))
	}
	if !c.has(transcriptColumn) {
		return sample, nil
	}
	numbers := s.symbols.numbers(s.opts.symbolsOf(r))
	if numbers == nil {
		return nil, errors.New("its transcript is empty")
	}
	return append(sample, samples.Classes(numbers)), nil
}
