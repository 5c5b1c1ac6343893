package shard

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
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

	// Include, Exclude and MaxFileBytes choose among the files found; see [files.Options].
	Include      []string
	Exclude      []string
	MaxFileBytes int64

	// Bytes takes files as they are, whatever their encoding. Without it a file must be UTF-8 without zero bytes, and
	// a byte order mark at its front is dropped.
	Bytes bool

	// Separator ends every document: it is added to each file that does not end with it already. "" means a newline
	// and, with Bytes, nothing.
	Separator string

	ShardBytes int64 // see [WriterOptions]
	BlockBytes int64 // see [WriterOptions]
	Overwrite  bool  // replace the sets that are in Out

	// Progress, if set, is called after each file with the bytes written so far and in all.
	Progress func(done, total int64)

	// Say, if set, is called with what the user should know before the long part.
	Say func(text string)
}

// Summary is what [WriteText] did.
type Summary struct {
	Files   int    // taken
	Marks   int    // of these, how many began with a byte order mark, which was dropped
	Bytes   int64  // of text in both sets, separators included
	Split   string // how text was held out: "files", "tail" or "none"
	LeftOut []files.LeftOut
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

// Reasons to leave a file out beside those of [files].
const (
	NotText files.Reason = "not UTF-8 text"
	Empty   files.Reason = "empty"
)

// WriteText cuts the text files at paths into a training set and a held-out set. A path is a file,
// a directory, which is walked, or a pattern in the form of [filepath.Match]. The documents are
// ordered by a hash of their paths, so that parts of the text far from each other are no more
// unlike than parts that are near, and so that the same files give the same bytes on any machine.
// Every file is read twice, once to see that it is text. A file named in paths that cannot be taken is an error; one
// found in a directory is left out.
//
// A cut that was stopped, by Ctrl-C, a kill, a loss of power or an object store that failed, goes on when the same one is begun again: what is
// in whole blocks, or in an object store in whole shards, is not written again, and the files are those of an undisturbed cut. It is the
// same one if the options that decide bits are, this program, and the key, the content and the time of each file; another one begins anew.
func WriteText(opts TextOptions, paths []string) (Summary, error) {
	if opts.Separator == "" && !opts.Bytes {
		opts.Separator = "\n"
	}
	if err := opts.check(); err != nil {
		return Summary{}, err
	}
	if err := CheckSplit(opts.Out, opts.Overwrite); err != nil { // before the long part
		return Summary{}, err
	}
	docs, left, err := readable(opts, paths)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{LeftOut: left}
	err = writeSets(opts, docs, &sum)
	return sum, err
}

// readable finds the documents that paths name, in no particular order, and what is left out.
func readable(opts TextOptions, paths []string) ([]document, []files.LeftOut, error) {
	if len(paths) == 0 {
		return nil, nil, errors.New("no text given: name files, directories or patterns")
	}
	found, left, err := files.Find(files.Options{
		Include: opts.Include, Exclude: opts.Exclude, MaxBytes: opts.MaxFileBytes,
		Out: []string{opts.Out, TrainDir(opts.Out), ValidDir(opts.Out)},
	}, paths)
	if err != nil {
		return nil, nil, err
	}
	docs, unread, err := scan(found, opts)
	if left = append(left, unread...); err == nil && len(docs) == 0 {
		err = fmt.Errorf("no text in %s: left out %s", strings.Join(paths, ", "), files.Tally(left))
	}
	var refused files.LeftOut
	if errors.As(err, &refused) && refused.Reason == NotText {
		err = fmt.Errorf("%w; convert the text to UTF-8 (iconv -t UTF-8), or take files as they are with --bytes", err)
	}
	return docs, left, err
}

func (o TextOptions) check() error {
	switch {
	case o.Out == "":
		return errors.New("no output directory for the shards")
	case !(o.Valid >= 0 && o.Valid < 1): // also NaN
		return fmt.Errorf("held-out fraction %v: it must be at least 0 and less than 1", o.Valid)
	case len(o.Separator) > 1024 || !o.Bytes && !isText([]byte(o.Separator)):
		return errors.New("separator: it must be at most 1024 bytes of UTF-8 without zero bytes")
	}
	return files.Options{Include: o.Include, Exclude: o.Exclude, MaxBytes: o.MaxFileBytes}.Check()
}

// writeSets writes both sets under temporary names, then commits them.
func writeSets(opts TextOptions, docs []document, sum *Summary) error {
	plan, err := split(docs, opts)
	if err != nil {
		return err
	}
	sum.Files, sum.Bytes, sum.Split = len(docs), plan.total, plan.how
	for _, d := range docs {
		if d.mark > 0 {
			sum.Marks++
		}
	}
	claim, err := claimText(opts.Out, plan.hash(opts))
	if err != nil {
		return err
	}
	sets, err := claim.begin(opts, plan)
	if err == nil {
		err = plan.write(opts, sets)
	}
	if err == nil {
		err = claim.hold()
	}
	if err == nil {
		err = sets.commit(sum)
	}
	return claim.end(err, sets)
}

func (o TextOptions) say(text string) {
	if o.Say != nil {
		o.Say(text)
	}
}
