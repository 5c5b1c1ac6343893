package cutting

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/reviews"
)

// ReviewsOptions say how reviews become the shards of one text.
type ReviewsOptions struct {
	// Options of every cut. Valid is the fraction of the reviews that is held out, by a hash of each. HeldOut is not used, and
	// of Progress ReadBytes is in the place.
	Options

	Format string // of all files, as [reviews.Format] calls it; "": by the name of each
	Text   string // column or field that is the review
	ASCII  bool   // clean as [reviews.ASCII] does, not as [reviews.Paper]
	Every  int    // hold out each n-th review, in place of Valid; 0: none

	// Unique leaves out reviews that came before, by 64 bits of a hash: of a hundred million different ones one is taken for
	// another with a chance of 3 in 10,000. UniqueBytes bounds the memory for it, at 16 bytes a review.
	Unique      bool
	UniqueBytes int64 `json:"-"`

	// Stdin is read for the path "-". Such a cut always begins anew.
	Stdin io.Reader `json:"-"`

	// ReadBytes, if set, is called with the bytes of the files that were read so far, and those of all; 0 if unknown.
	ReadBytes func(done, total int64) `json:"-"`
}

// ReviewsSummary is what [Reviews] made.
type ReviewsSummary struct {
	Train, Valid *SetSummary     // Samples are reviews; Valid is nil if nothing was held out
	Empty        int64           // reviews without a character, left out
	Duplicates   int64           // left out by Unique
	Unreadable   int64           // rows left out by SkipUnreadable
	First        []files.LeftOut // the first of the unreadable rows
	LeftOut      []files.LeftOut
}

// RowError is a row without a review.
type RowError struct {
	Path string
	Line int
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err) }

func (e *RowError) Unwrap() error { return e.Err }

// standardInput is the path of the standard input.
const standardInput = "-"

// Reviews cuts reviews into the sets of one text, in the order of paths: each review cleaned, with [reviews.Front] before and
// [reviews.Back] behind it. What is held in memory does not grow with the files, but for Unique. A cut that was stopped, or
// ended at a row without a review, goes on: what was read is read again, and what stands is not written again.
func Reviews(o ReviewsOptions, paths []string) (sum ReviewsSummary, err error) {
	if err := o.checkReviews(paths); err != nil {
		return sum, err
	}
	inputs, left, err := o.reviewFiles(paths)
	if err != nil {
		return sum, err
	}
	sum.LeftOut = left
	if err := o.checkFormats(inputs); err != nil {
		return sum, err
	}
	w, err := o.beginText(inputs)
	if err != nil {
		return sum, err
	}
	defer func() { err = w.end(err) }()
	if err = o.fillText(w, inputs, &sum); err == nil {
		err = plan{Inputs: inputs}.unchanged()
	}
	if err == nil {
		err = w.commit(&sum)
	}
	return sum, err
}

func (o *ReviewsOptions) checkReviews(paths []string) error {
	switch {
	case o.Every < 0 || o.Every == 1:
		return fmt.Errorf("--valid-every %d: 2 or more, or 0 for none", o.Every)
	case o.Every > 0 && o.Valid > 0:
		return fmt.Errorf("--valid %v and --valid-every %d: one way to hold out is wanted", o.Valid, o.Every)
	case o.UniqueBytes < 0:
		return fmt.Errorf("%d bytes to know duplicates by: it must be positive, or 0 for no bound", o.UniqueBytes)
	}
	stdin := 0
	for _, p := range paths {
		stdin += btoi(p == standardInput)
	}
	if stdin > 1 {
		return errors.New("the standard input can be read once")
	}
	return o.check(paths)
}

// reviewFiles finds the files of all paths, in their order.
func (o *ReviewsOptions) reviewFiles(paths []string) (found []files.File, left []files.LeftOut, err error) {
	at := slices.Index(paths, standardInput)
	named := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == standardInput })
	if len(named) > 0 {
		found, left, err = files.Find(files.Options{Include: reviews.Patterns(), Out: o.outputs()}, named)
	}
	if err == nil && at >= 0 {
		behind := slices.IndexFunc(found, func(f files.File) bool { return f.From >= at })
		if behind < 0 {
			behind = len(found)
		}
		found = slices.Insert(found, behind, files.File{Path: standardInput, Key: standardInput})
	}
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no file of reviews in %s", list(paths))
	}
	return found, left, err
}

// formatOf is the format of a file.
func (o *ReviewsOptions) formatOf(path string) reviews.Format {
	return cmp.Or(reviews.Format(o.Format), reviews.FormatOf(path))
}

// checkFormats says whether files can be read by what the options say of them, before any is.
func (o *ReviewsOptions) checkFormats(inputs []files.File) error {
	parts := o.Text == "" // a file has parts of which one is the review
	for _, f := range inputs {
		format := o.formatOf(f.Path)
		if format == "" {
			return fmt.Errorf("%s: its name does not tell its format; say --format text, tsv, csv or jsonl", f.Path)
		}
		parts = parts || format != reviews.Lines
		if _, err := o.newReader(nil, f.Path); err != nil {
			return fmt.Errorf("%s: %w (--text, --format)", f.Path, err)
		}
	}
	if !parts {
		return fmt.Errorf("--text %s: each line of a text is a review; are the files of another --format, such as tsv?", o.Text)
	}
	return nil
}

// newReader begins to read the rows of a file.
func (o *ReviewsOptions) newReader(r io.Reader, path string) (*reviews.Reader, error) {
	format := o.formatOf(path)
	if format == reviews.Lines { // beside others, which have columns
		return reviews.NewReader(r, format, "")
	}
	return reviews.NewReader(r, format, o.Text)
}

// How reviews were cleaned: as [reviews.Paper] does, or as [reviews.ASCII] does.
const (
	CleanedPaper = "paper"
	CleanedASCII = "ascii"
)

// reviewsMeta is what the shards of reviews say about the text.
type reviewsMeta struct {
	Reviews string  `json:"reviews"` // CleanedPaper or CleanedASCII
	Valid   float64 `json:"valid,omitempty"`
	Every   int     `json:"every,omitempty"`
	Unique  bool    `json:"unique,omitempty"`
}

func (o *ReviewsOptions) meta() (json.RawMessage, error) {
	return json.Marshal(reviewsMeta{map[bool]string{false: CleanedPaper, true: CleanedASCII}[o.ASCII], o.Valid, o.Every, o.Unique})
}

// ReviewsCleaning is how the reviews of a set were cleaned, by what its shards say; empty where they are not of reviews.
func ReviewsCleaning(meta json.RawMessage) string {
	var m reviewsMeta
	if json.Unmarshal(meta, &m) != nil {
		return ""
	}
	return m.Reviews
}

// Review is a review as it stands among those of a set that were cleaned so, or as [reviews.Paper] does without a word of it.
func Review(cleaning, text string) string {
	if cleaning == CleanedASCII {
		text = reviews.ASCII(text)
	} else {
		text = reviews.Paper(text)
	}
	return reviews.Front + text + reviews.Back
}

// openInput opens a file, or the standard input, and counts what is read of it.
func (o *ReviewsOptions) openInput(path string, read func(n int)) (io.Reader, func() error, error) {
	if path == standardInput {
		if o.Stdin == nil {
			return nil, nil, errors.New("there is no standard input")
		}
		return &countingReader{o.Stdin, read}, func() error { return nil }, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	return &countingReader{f, read}, f.Close, nil
}

type countingReader struct {
	r    io.Reader
	read func(n int)
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read(n)
	return n, err
}

// textKey is what a review is known by.
type textKey = [sha256.Size]byte
