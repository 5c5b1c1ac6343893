package cutting

import (
	"errors"
	"fmt"
	"io"

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
	Numbers []labelRuns
}

// frameSet is files of sequences with their classes.
type frameSet struct {
	folderSet
	labels  []labelRuns // of each file, the classes of its sequences; nil where a file has one class
	columns int         // of every frame
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
	names := make([][]namedRun, len(found))
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
		for _, run := range names[i] {
			of[run.class] = true
		}
		set.files = append(set.files, folderFile{File: f, held: f.From >= len(paths)})
	}
	if set.classes, err = numberClasses(train, held); err != nil {
		return set, err
	}
	for _, list := range names {
		var runs labelRuns
		for _, run := range list {
			runs = append(runs, labelRun{set.classes.number[run.class], run.sequences})
		}
		set.labels = append(set.labels, runs)
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
		var labels labelRuns
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
func (s frameSet) sequences(f folderFile, labels labelRuns, yield func(source, error) bool) (more bool, err error) {
	r, err := openSequences(f.Path)
	if err != nil {
		return false, err
	}
	defer r.close()
	count, next := labels.sequences(), labels.classes()
	for n := 0; ; n++ {
		q, err := r.next()
		switch {
		case err == io.EOF && labels != nil && n != count:
			return false, fmt.Errorf("%s: %d sequences, and its labels are for %d", f.Path, n, count)
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, fmt.Errorf("%s: %w", f.Path, err)
		case labels != nil && n >= count:
			return false, fmt.Errorf("%s: line %d begins sequence %d, and its labels are for %d", f.Path, q.first, n+1, count)
		}
		class := f.class
		if labels != nil {
			class = next()
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
