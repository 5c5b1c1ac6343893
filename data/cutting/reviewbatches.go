package cutting

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/packed"
	"github.com/rondo-ml/rondo/data/reviews"
)

// reviewBatchBytes is about how much of a file is cleaned at once.
const reviewBatchBytes = 256 << 10

// reviewBatch is rows of a file on the way from its reader to the shards.
type reviewBatch struct {
	path   string
	reader *reviews.Reader
	rows   []reviews.Row
	done   []cleanReview // of each row
	header string        // of the file's first row, where that was passed over as names: of the first batch
}

// cleanReview is a row as it goes into the text: a nil text is that of an empty review.
type cleanReview struct {
	text []byte
	key  textKey
	err  error
}

// batches gives the rows of all files, in order. It counts the bytes that were read.
func (o *ReviewsOptions) batches(inputs []files.File, read *atomic.Int64) func(func(*reviewBatch, error) bool) {
	return func(yield func(*reviewBatch, error) bool) {
		for _, f := range inputs {
			more, err := o.batchesOf(f, func(n int) { read.Add(int64(n)) }, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
		}
	}
}

// batchesOf gives the rows of a file, and says whether more are wanted.
func (o *ReviewsOptions) batchesOf(f files.File, read func(n int), yield func(*reviewBatch, error) bool) (more bool, err error) {
	in, shut, err := o.openInput(f.Path, read)
	if err != nil {
		return false, err
	}
	defer shut()
	plain, err := packed.NewReader(in)
	if err != nil {
		return false, fmt.Errorf("%s: %w", f.Path, err)
	}
	r, err := o.newReader(plain, f.Path)
	if err != nil {
		return false, err
	}
	b, size, headed, begun := &reviewBatch{path: f.Path, reader: r}, 0, "", false
	for {
		row, err := r.Next()
		if err == io.EOF {
			return len(b.rows) == 0 || yield(b, nil), nil
		}
		if err != nil {
			if len(b.rows) > 0 && !yield(b, nil) {
				return false, nil
			}
			return false, &RowError{f.Path, row.Line, err}
		}
		if headed == "" {
			headed = r.Header()
			b.header = headed
		}
		if !begun && o.Format == "" && o.formatOf(f.Path) == reviews.Lines && reviews.HasLabel(row.Text) {
			return false, &RowError{f.Path, row.Line, errors.New("a tab and a label, 0 or 1: --format tsv --text N takes column N alone, --format text whole lines")}
		}
		begun = begun || strings.TrimSpace(row.Text) != ""
		b.rows = append(b.rows, row)
		if size += len(row.Text); size >= reviewBatchBytes || len(b.rows) == reviewBatchBytes/64 {
			if !yield(b, nil) {
				return false, nil
			}
			b, size = &reviewBatch{path: f.Path, reader: r}, 0
		}
	}
}

// clean takes the reviews out of the rows and cleans them.
func (o *ReviewsOptions) clean(b *reviewBatch) {
	cleaned := reviews.Paper
	if o.ASCII {
		cleaned = reviews.ASCII
	}
	b.done = make([]cleanReview, len(b.rows))
	for i, row := range b.rows {
		r := &b.done[i]
		text, err := b.reader.Text(row)
		if text = cleaned(text); err != nil || text == "" {
			r.err = err
			continue
		}
		r.text = make([]byte, 0, len(reviews.Front)+len(text)+len(reviews.Back))
		r.text = append(append(append(r.text, reviews.Front...), text...), reviews.Back...)
		if o.Valid > 0 || o.Unique {
			r.key = sha256.Sum256(r.text)
		}
	}
}
