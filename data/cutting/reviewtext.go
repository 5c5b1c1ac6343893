package cutting

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/shard"
)

// textOutput is the two sets of a text being written.
type textOutput struct {
	opts *ReviewsOptions
	book *journal
	sets [2]*textWriter // training and held-out reviews; the second may be nil
}

// textWriter writes a text in records that fill a block each, so that how many stand says how many bytes do.
type textWriter struct {
	*shard.Writer
	block    []byte // of the text, not full
	records  int64  // so far
	standing int64  // of these, the first so many were written by a cut that was stopped
	reviews  int64
}

// beginText begins both sets, or goes on with those of a cut of the same plan that was stopped.
func (o *ReviewsOptions) beginText(inputs []files.File) (*textOutput, error) {
	hash, err := plan{Kind: "reviews", Options: o, Inputs: inputs}.hash()
	if err != nil {
		return nil, err
	}
	book, another, err := openJournal(o.Out, hash)
	if err != nil {
		return nil, err
	}
	w := &textOutput{opts: o, book: book}
	// A journal of this plan has one line beside the first: the sources are not spoken of.
	stdin := slices.ContainsFunc(inputs, func(f files.File) bool { return f.Path == standardInput })
	goingOn := book.told > 0 && !stdin
	if another {
		o.say("a cut was stopped here that had other data, options or another release of this program: beginning anew")
	}
	if err = w.begin(goingOn); err == nil && book.told == 0 {
		if err = book.add(outcome{}); err == nil && book.far == nil {
			err = book.out.Flush()
		}
	}
	if err != nil {
		return nil, w.end(err)
	}
	return w, nil
}

func (w *textOutput) begin(goingOn bool) error {
	o, begin := w.opts, shard.ResumeWriter
	if !goingOn {
		if w.book.told > 0 && w.book.far != nil {
			if err := w.book.far.claim.Begin(w.book.far.claim.Plan); err != nil {
				return err
			}
		}
		if err := o.dropStopped(); err != nil {
			return err
		}
		begin = shard.NewWriter
	}
	meta, err := o.meta()
	if err != nil {
		return err
	}
	standing := int64(0)
	for i, dir := range []string{shard.TrainDir(o.Out), shard.ValidDir(o.Out)} {
		if i == 1 && o.Valid == 0 && o.Every == 0 {
			break
		}
		s, err := begin(shard.WriterOptions{
			Dir: dir, Name: filepath.Base(dir), Tag: w.book.tag(), Kind: shard.KindText, Meta: meta, ShardBytes: o.ShardBytes, Overwrite: o.Overwrite,
		})
		if err != nil {
			return err
		}
		w.sets[i] = &textWriter{Writer: s, standing: s.Records(), block: make([]byte, 0, shard.DefaultBlockBytes)}
		standing += s.Records() * shard.DefaultBlockBytes
	}
	if goingOn {
		o.say(fmt.Sprintf("going on with the cut that was stopped here: %d MB of text stand", standing/1e6))
	}
	return nil
}

// Write adds to the text.
func (t *textWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := min(len(p), cap(t.block)-len(t.block))
		t.block = append(t.block, p[:room]...)
		if p = p[room:]; len(t.block) == cap(t.block) {
			if err := t.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// flush writes a record, unless it stands.
func (t *textWriter) flush() (err error) {
	if t.records++; t.records > t.standing {
		err = t.Append(t.block)
	}
	t.block = t.block[:0]
	return err
}

// fillText adds all reviews.
func (o *ReviewsOptions) fillText(w *textOutput, inputs []files.File, sum *ReviewsSummary) error {
	var read atomic.Int64
	total := int64(0)
	for _, f := range inputs {
		total += f.Size
		if f.Path == standardInput {
			total = 0
			break
		}
	}
	rows := map[string]bool{} // files with a row
	known := &keySet{}        // of reviews
	count := int64(0)
	err := inOrder(o.goroutines(), o.batches(inputs, &read), o.clean, func(b *reviewBatch) error {
		rows[b.path] = true
		if b.header != "" {
			o.say(fmt.Sprintf("%s: the first row, %s, is names and no review", b.path, b.header))
		}
		for i, r := range b.done {
			switch {
			case r.err != nil:
				if err := o.skipRow(&RowError{b.path, b.rows[i].Line, r.err}, sum); err != nil {
					return err
				}
				continue
			case r.text == nil:
				sum.Empty++
				continue
			case o.Unique:
				is, err := o.knows(known, binary.BigEndian.Uint64(r.key[8:]))
				if err != nil {
					return err
				}
				if is {
					sum.Duplicates++
					continue
				}
			}
			count++
			set := w.sets[btoi(o.holdsOut(r.key, count))]
			set.reviews++
			if _, err := set.Write(r.text); err != nil {
				return err
			}
		}
		if o.ReadBytes != nil {
			o.ReadBytes(read.Load(), total)
		}
		return w.book.uploaded(w.shards())
	})
	if err != nil {
		return err
	}
	for _, f := range inputs {
		if !rows[f.Path] {
			sum.LeftOut = append(sum.LeftOut, files.LeftOut{Path: f.Path, Reason: shard.Empty, Detail: "no row in it", Offset: files.NoOffset})
		}
	}
	if count == 0 {
		return sum.nothing(inputs)
	}
	return nil
}

// nothing is the error of files without a review.
func (s *ReviewsSummary) nothing(inputs []files.File) error {
	var paths []string
	for _, f := range inputs {
		paths = append(paths, f.Path)
	}
	why := "there is no row"
	switch {
	case s.Unreadable > 0:
		why = fmt.Sprintf("%d rows cannot be read, the first is %v", s.Unreadable, s.First[0])
	case s.Empty > 0:
		why = fmt.Sprintf("all %d rows are empty; is it the right --text?", s.Empty)
	}
	return fmt.Errorf("no review in %s: %s", list(paths), why)
}

// holdsOut says whether a review is held out, by its key or by which one it is.
func (o *ReviewsOptions) holdsOut(key textKey, count int64) bool {
	if o.Every > 0 {
		return count%int64(o.Every) == 0
	}
	return o.Valid > 0 && files.DrawOf(key) < o.Valid
}

// knows says whether a review came before, by a part of its key.
func (o *ReviewsOptions) knows(known *keySet, key uint64) (bool, error) {
	if known.has(key) {
		return true, nil
	}
	if o.UniqueBytes > 0 && known.count >= o.UniqueBytes/bytesPerKey {
		return false, fmt.Errorf("%d different reviews, more than %d bytes of memory can tell apart; raise --unique-memory, or cut with duplicates", known.count+1, o.UniqueBytes)
	}
	known.add(key)
	return false, nil
}

// mostRows is how many of the rows that were left out are named.
const mostRows = 10

// skipRow leaves a row out, if that is allowed.
func (o *ReviewsOptions) skipRow(bad *RowError, sum *ReviewsSummary) error {
	if !o.SkipUnreadable {
		return fmt.Errorf("%w; mend it, or leave out such rows by --skip-unreadable, which goes on from here", bad)
	}
	if sum.Unreadable++; sum.Unreadable <= mostRows {
		sum.First = append(sum.First, files.LeftOut{
			Path: fmt.Sprintf("%s:%d", bad.Path, bad.Line), Reason: files.Unreadable, Detail: bad.Err.Error(), Offset: files.NoOffset})
	}
	return nil
}

// shards is the number of shards that were finished.
func (w *textOutput) shards() int {
	n := 0
	for _, t := range w.sets {
		if t != nil {
			n += t.Shards()
		}
	}
	return n
}

// end is called with the error of a cut, or nil, and gives that of the whole.
func (w *textOutput) end(err error) error {
	var row *RowError
	stays := errors.As(err, &row) || stays(err)
	for _, t := range w.sets {
		switch {
		case t == nil || err == nil:
		case stays:
			t.Leave()
		default:
			t.Abort()
		}
	}
	if stays {
		w.book.leave()
		if row == nil {
			err = w.book.goesOn(err)
		}
		return err
	}
	return cmp.Or(err, w.book.end())
}

// commit puts both sets in place.
func (w *textOutput) commit(sum *ReviewsSummary) error {
	for i, t := range w.sets {
		if t == nil {
			continue
		}
		if t.reviews == 0 {
			return fmt.Errorf("no review for %s; hold out more or less of them, or none", [2]string{"training", "the held-out set"}[i])
		}
		if len(t.block) > 0 {
			if err := t.flush(); err != nil {
				return err
			}
		}
	}
	var valid *shard.Writer
	if w.sets[1] != nil {
		valid = w.sets[1].Writer
	}
	if err := w.book.hold(); err != nil {
		return err
	}
	m, held, err := shard.CommitSplit(w.sets[0].Writer, valid)
	if err != nil {
		return err
	}
	train := summaryOf(shard.TrainDir(w.opts.Out), m)
	train.Samples = w.sets[0].reviews
	sum.Train = &train
	if valid != nil {
		v := summaryOf(shard.ValidDir(w.opts.Out), held)
		v.Samples = w.sets[1].reviews
		sum.Valid = &v
	}
	return nil
}
