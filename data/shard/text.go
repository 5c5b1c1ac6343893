package shard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The two sets that one cutting makes, as directories and as the names of their shards.
const (
	trainName = "train"
	validName = "valid"
)

// TextOptions say how text becomes shards.
type TextOptions struct {
	Out string // the sets are Out/train and Out/valid

	// Valid is the fraction held out, in [0, 1); 0 holds out nothing and makes no Out/valid. With 20
	// files or more each file is held out or not by a hash of its path alone, so it stays where it is
	// while others come and go. With fewer, the tail of the text is held out.
	Valid float64

	// Include are patterns in the form of [path.Match]; of the files found in directories only those
	// that match one are taken. A pattern without a slash is held against the file's name, one with a
	// slash against its path within the directory. None means all files. Files named one by one, or by
	// a pattern among the paths, are taken whatever their names.
	Include []string

	// MaxFileBytes leaves out files longer than that; 0 means no limit.
	MaxFileBytes int64

	// Separator ends every document: it is added to each file that does not end with it already. ""
	// means a newline.
	Separator string

	ShardBytes int64 // see [WriterOptions]
	BlockBytes int64 // see [WriterOptions]
	Overwrite  bool  // replace the sets that are in Out

	// Progress, if set, is called after each file with the bytes written so far and in all.
	Progress func(done, total int64)
}

// Summary is what [WriteText] did.
type Summary struct {
	Files   int   // taken
	Bytes   int64 // of text in both sets, separators included
	Skipped Skipped
	Split   string // how text was held out: "files", "tail" or "none"
	Train   TextSet
	Valid   *TextSet // nil if nothing was held out
}

// TextSet is one of the sets written.
type TextSet struct {
	Dir    string
	Files  int // that gave text to it; the one a tail is cut from counts in both
	Shards int
	Bytes  int64
	Hash   string
}

// Skipped counts what was found and left out.
type Skipped struct {
	Hidden   int // names that begin with a dot, a directory counting once
	Filtered int // no pattern of Include matches
	Binary   int // not UTF-8, or with a zero byte in it
	TooLarge int // longer than MaxFileBytes
	Empty    int
	Other    int // links to directories, broken links, sockets and the like
}

// Total is the sum of the counts.
func (s Skipped) Total() int {
	return s.Hidden + s.Filtered + s.Binary + s.TooLarge + s.Empty + s.Other
}

// WriteText cuts the text files at paths into a training set and a held-out set. A path is a file,
// a directory, which is walked, or a pattern in the form of [filepath.Match]. The documents are
// ordered by a hash of their paths, so that parts of the text far from each other are no more
// unlike than parts that are near, and so that the same files give the same bytes on any machine.
// Every file is read twice, once to see that it is text.
func WriteText(opts TextOptions, paths []string) (Summary, error) {
	if opts.Separator == "" {
		opts.Separator = "\n"
	}
	if err := opts.check(); err != nil {
		return Summary{}, err
	}
	for _, name := range []string{trainName, validName} { // before the long part
		if err := refuseExisting(filepath.Join(opts.Out, name), opts.Overwrite); err != nil {
			return Summary{}, err
		}
	}
	var sum Summary
	docs, err := collect(opts, paths, &sum.Skipped)
	if err != nil {
		return Summary{}, err
	}
	if docs, err = scan(docs, opts, &sum.Skipped); err != nil {
		return Summary{}, err
	}
	if len(docs) == 0 {
		return Summary{}, nothingLeft(paths, sum.Skipped)
	}
	err = writeSets(opts, docs, &sum)
	return sum, err
}

func (o TextOptions) check() error {
	switch {
	case o.Out == "":
		return errors.New("no output directory for the shards")
	case !(o.Valid >= 0 && o.Valid < 1): // also NaN
		return fmt.Errorf("held-out fraction %v: it must be at least 0 and less than 1", o.Valid)
	case o.MaxFileBytes < 0:
		return fmt.Errorf("largest file of %d bytes: it must be positive, or 0 for no limit", o.MaxFileBytes)
	case len(o.Separator) > 1024 || !isText([]byte(o.Separator)):
		return errors.New("separator: it must be at most 1024 bytes of UTF-8 without zero bytes")
	}
	return checkPatterns(o.Include)
}

func nothingLeft(paths []string, s Skipped) error {
	return fmt.Errorf("no text in %s: of what was found, %d were hidden, %d did not match --include, %d were not "+
		"UTF-8 text, %d too large, %d empty, %d not files", strings.Join(paths, ", "),
		s.Hidden, s.Filtered, s.Binary, s.TooLarge, s.Empty, s.Other)
}

// writeSets writes both sets under temporary names, then commits them.
func writeSets(opts TextOptions, docs []document, sum *Summary) (err error) {
	plan, err := split(docs, opts.Valid)
	if err != nil {
		return err
	}
	sum.Files, sum.Bytes, sum.Split = len(docs), plan.total, plan.how
	train, err := newTextSet(opts, trainName, plan)
	if err != nil {
		return err
	}
	defer train.cleanUp(&err)
	if plan.how == splitNone {
		if err := plan.write(opts, train, nil); err != nil {
			return err
		}
		if err := removeSet(filepath.Join(opts.Out, validName), validName); err != nil { // of an earlier cut: it may overlap ours
			return err
		}
		return train.commit(&sum.Train)
	}
	valid, err := newTextSet(opts, validName, plan)
	if err != nil {
		return err
	}
	defer valid.cleanUp(&err)
	if err := plan.write(opts, train, valid); err != nil {
		return err
	}
	// While valid is new and train is old they may overlap, so train ceases to be a set first.
	if err := dropSet(train.w.opts.Dir, trainName); err != nil {
		return err
	}
	sum.Valid = &TextSet{}
	if err := valid.commit(sum.Valid); err != nil {
		return err
	}
	return train.commit(&sum.Train)
}

// removeSet removes a set and, if nothing else is in it, its directory.
func removeSet(dir, name string) error {
	if _, err := os.Lstat(dir); os.IsNotExist(err) {
		return nil
	}
	if err := dropSet(dir, name); err != nil {
		return err
	}
	os.Remove(dir)
	return nil
}
