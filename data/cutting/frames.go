package cutting

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
)

// FramesOptions say how files of numbers over time become shards.
type FramesOptions struct {
	Options
	FolderOptions

	// Labels are files of the classes of sequences in order, one for each path of training data, all of which are then
	// files of sequences; HeldOutLabels those of the held-out data. A line of such a file is a class, or a class, a tab and
	// how many sequences in a row are of it. Without them the sequences of a file have the class of the file; see
	// [FolderOptions].
	Labels, HeldOutLabels []string
}

// Frames cuts files of numbers over time. A line is a frame: numbers with spaces, tabs, commas or semicolons between them,
// as many in every frame of the set. Empty lines separate sequences, which may differ in length: a sample each. Files may
// be packed by gzip, bzip2 or zstd.
func Frames(opts FramesOptions, paths []string) (Summary, error) {
	if err := opts.check(paths); err != nil {
		return Summary{}, err
	}
	set, err := opts.find(paths)
	if err != nil {
		return Summary{}, err
	}
	if set.columns, err = set.width(); err != nil {
		return Summary{}, err
	}
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, set.columns}},
		classPart(set.classes.names),
		{Name: "name", Element: samples.UTF8, Shape: []int{samples.Varies}},
	}}
	return set.cut(opts.Options, schema, set.sources, plan{Kind: "frames", Options: planned{opts, set.labels}})
}

// planned are the options with what the files of labels said.
type planned struct {
	FramesOptions
	Numbers [][]int
}

// frameSet is files of sequences with their classes.
type frameSet struct {
	folderSet
	labels  [][]int // of each file, the class of each sequence; nil where a file has one class
	columns int     // of every frame
}

func (o FramesOptions) find(paths []string) (set frameSet, err error) {
	if len(o.Labels)+len(o.HeldOutLabels) == 0 {
		set.folderSet, err = o.folders(o.Options, paths)
		return set, err
	}
	if o.Class != "" || o.HeldOutMatch != "" {
		return set, errors.New("--labels give the classes: without --class and --held-out-match")
	}
	if len(o.Labels) != len(paths) || len(o.HeldOutLabels) != len(o.HeldOut) {
		return set, fmt.Errorf("%d files of labels for %d of sequences, and %d for %d that are held out: want one each",
			len(o.Labels), len(paths), len(o.HeldOutLabels), len(o.HeldOut))
	}
	found, left, err := o.Options.find(files.Options{}, paths)
	if err != nil {
		return set, err
	}
	set.left, set.heldGiven = left, len(o.HeldOut) > 0
	names := make([][]string, len(found))
	train, held := map[string]bool{}, map[string]bool{}
	for i, f := range found {
		if !f.Named {
			return set, fmt.Errorf("%s: with --labels every path is one file of sequences", f.Path)
		}
		of, labels := train, ""
		if k := f.From - len(paths); k >= 0 {
			of, labels = held, o.HeldOutLabels[k]
		} else {
			labels = o.Labels[f.From]
		}
		if names[i], err = readLabelLines(labels); err != nil {
			return set, err
		}
		for _, name := range names[i] {
			of[name] = true
		}
		set.files = append(set.files, folderFile{File: f, held: f.From >= len(paths)})
	}
	if set.classes, err = numberClasses(train, held); err != nil {
		return set, err
	}
	for _, list := range names {
		numbers := make([]int, len(list))
		for i, name := range list {
			numbers[i] = set.classes.number[name]
		}
		set.labels = append(set.labels, numbers)
	}
	return set, nil
}

// width is how many numbers the first frame has.
func (s frameSet) width() (int, error) {
	for _, f := range s.files {
		r, err := openSequences(f.Path)
		if err != nil {
			return 0, err
		}
		q, err := r.next()
		r.close()
		if err == io.EOF {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", f.Path, err)
		}
		if n := len(fieldsOf(q.lines[0])); n > 0 {
			return n, nil
		}
	}
	return 0, errors.New("no frame in any file")
}

// sources gives the sequences of all files.
func (s frameSet) sources(yield func(source, error) bool) {
	for i, f := range s.files {
		var labels []int
		if s.labels != nil {
			labels = s.labels[i]
		}
		more, err := s.sequences(f, labels, yield)
		if err != nil {
			yield(source{}, err)
		}
		if err != nil || !more {
			return
		}
	}
}

// sequences gives those of one file, and says whether more are wanted.
func (s frameSet) sequences(f folderFile, labels []int, yield func(source, error) bool) (more bool, err error) {
	r, err := openSequences(f.Path)
	if err != nil {
		return false, err
	}
	defer r.close()
	for n := 0; ; n++ {
		q, err := r.next()
		switch {
		case err == io.EOF && labels != nil && n != len(labels):
			return false, fmt.Errorf("%s: %d sequences, and its labels are for %d", f.Path, n, len(labels))
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, fmt.Errorf("%s: %w", f.Path, err)
		case labels != nil && n >= len(labels):
			return false, fmt.Errorf("%s: line %d begins sequence %d, and its labels are for %d", f.Path, q.first, n+1, len(labels))
		}
		class := f.class
		if labels != nil {
			class = labels[n]
		}
		name := fmt.Sprintf("%s:%d", f.Key, q.first)
		load := func() ([]samples.Sample, error) {
			x, err := q.numbers(s.columns)
			if err != nil {
				return nil, err
			}
			frames := samples.Float32s(x)
			frames.Shape = []int{len(q.lines), s.columns}
			return []samples.Sample{{frames, samples.Class(class), samples.Text(name)}}, nil
		}
		if !yield(source{path: fmt.Sprintf("%s:%d", f.Path, q.first), key: name, held: f.held, class: class, load: load}, nil) {
			return false, nil
		}
	}
}

// readLabelLines reads the classes of sequences.
func readLabelLines(path string) (classes []string, err error) {
	const most = 1 << 28 // sequences
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		class, count, many := strings.Cut(line, "\t")
		class = strings.TrimSpace(class)
		n := 1
		if many {
			if n, err = strconv.Atoi(strings.TrimSpace(count)); err != nil || n < 1 {
				return nil, fmt.Errorf("%s:%d: %.40q is not a number of sequences", path, i+1, count)
			}
		}
		if class == "" {
			return nil, fmt.Errorf("%s:%d: its class is empty", path, i+1)
		}
		if n > most-len(classes) {
			return nil, fmt.Errorf("%s:%d: labels of more than %d sequences", path, i+1, most)
		}
		for range n {
			classes = append(classes, class)
		}
	}
	if classes == nil {
		return nil, fmt.Errorf("%s: no labels", filepath.Clean(path))
	}
	return classes, nil
}
