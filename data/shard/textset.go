package shard

import (
	"cmp"
	"io"

	"github.com/rondo-ml/rondo/data/objects"
)

// textSet is a set being written, with what the summary wants to know of it.
type textSet struct {
	w        *Writer
	files    int
	buf      []byte
	standing int64 // bytes of the text to come that a cut that was stopped has written
	claim    *textClaim
	shards   int // that were finished when the claim was made sure of
}

func openTextSet(open func(WriterOptions) (*Writer, error), opts TextOptions, name, tag string, plan plan) (*textSet, error) {
	w, err := open(WriterOptions{
		Dir: objects.Join(opts.Out, name), Name: name, Tag: tag, Kind: KindText, Meta: plan.meta(opts),
		ShardBytes: opts.ShardBytes, BlockBytes: opts.BlockBytes, Overwrite: opts.Overwrite,
	})
	if err != nil {
		return nil, err
	}
	return &textSet{w: w, buf: make([]byte, w.opts.BlockBytes), standing: w.size(), shards: w.Shards()}, nil
}

// add appends all of r, cut into records where blocks end, but what stands.
func (t *textSet) add(r io.Reader) error {
	passed, err := io.CopyN(io.Discard, r, t.standing)
	t.standing -= passed
	if err == io.EOF { // all of it stands
		return nil
	}
	if err != nil {
		return err
	}
	for {
		n, err := io.ReadFull(r, t.buf[:t.w.room()])
		if n > 0 {
			if err := t.append(t.buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// append adds a record, and makes sure of the claim when that finished a shard.
func (t *textSet) append(record []byte) error {
	if err := t.w.Append(record); err != nil {
		return err
	}
	if n := t.w.Shards(); n != t.shards {
		t.shards = n
		return t.claim.hold()
	}
	return nil
}

// summary is what is to be told of the set, given its manifest.
func (t *textSet) summary(m Manifest) TextSet {
	return TextSet{Dir: t.w.opts.Dir, Files: t.files, Shards: len(m.Shards), Bytes: m.Size, Hash: m.Hash}
}

// textSets are the training set and the held-out set of a text. The second is nil if nothing is held out.
type textSets [2]*textSet

func (s textSets) each(do func(*Writer)) {
	for _, t := range s {
		if t != nil {
			do(t.w)
		}
	}
}

// standing is how many bytes of the text stand.
func (s textSets) standing() (n int64) {
	for _, t := range s {
		if t != nil {
			n += t.standing
		}
	}
	return n
}

// add adds a document, of which each set gets so many bytes. One that stands is not read again: it was whole before what came after it
// was written.
func (s textSets) add(d document, separator string, shares [2]int64) error {
	stands := true
	for i, n := range shares {
		if n > 0 {
			s[i].files++
			stands = stands && n <= s[i].standing
		}
	}
	if stands {
		for i, n := range shares {
			if n > 0 {
				s[i].standing -= n
			}
		}
		return nil
	}
	r, err := d.open(separator)
	if err != nil {
		return err
	}
	for i, n := range shares {
		if n > 0 && err == nil {
			err = s[i].add(io.LimitReader(r, n))
		}
	}
	return cmp.Or(err, r.finish())
}

// seal writes all that is left to the disk, or the store.
func (s textSets) seal() error {
	for _, t := range s {
		if t == nil {
			continue
		}
		if err := t.w.seal(); err != nil {
			return err
		}
	}
	return nil
}

// commit puts both sets in place.
func (s textSets) commit(sum *Summary) error {
	if s[1] == nil {
		m, _, err := CommitSplit(s[0].w, nil)
		sum.Train = s[0].summary(m)
		return err
	}
	m, held, err := CommitSplit(s[0].w, s[1].w)
	sum.Train = s[0].summary(m)
	valid := s[1].summary(held)
	sum.Valid = &valid
	return err
}
