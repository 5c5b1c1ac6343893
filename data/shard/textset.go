package shard

import (
	"io"
	"os"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/objects"
)

// textClaim is the claim of a text being cut. In a directory it is none.
type textClaim struct{ Claim }

func claimText(opts TextOptions) (*textClaim, error) {
	if !objects.Named(opts.Out) {
		return &textClaim{}, nil
	}
	c, _, err := OpenClaim(opts.Out)
	if err != nil {
		return nil, err
	}
	t := &textClaim{*c}
	return t, t.Begin("text")
}

// dropJournal sees to it that no cut of samples that was stopped in a directory takes the shards of a text for its own.
func dropJournal(out string) error {
	if objects.Named(out) {
		return nil
	}
	if err := os.Remove(filepath.Join(out, JournalName)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// hold makes sure of the claim before sets are committed.
func (c *textClaim) hold() error {
	if c.bucket == nil {
		return nil
	}
	return c.Put(nil)
}

// end ends the claim: nobody goes on with a text.
func (c *textClaim) end(err *error) {
	if c.bucket == nil {
		return
	}
	if e := c.Remove(); *err == nil {
		*err = e
	}
}

// textSet is a set being written, with what the summary wants to know of it.
type textSet struct {
	w     *Writer
	files int
	buf   []byte
}

func newTextSet(opts TextOptions, name, tag string, plan plan) (*textSet, error) {
	w, err := NewWriter(WriterOptions{
		Dir: objects.Join(opts.Out, name), Name: name, Tag: tag, Kind: KindText, Meta: plan.meta(opts),
		ShardBytes: opts.ShardBytes, BlockBytes: opts.BlockBytes, Overwrite: opts.Overwrite,
	})
	if err != nil {
		return nil, err
	}
	return &textSet{w: w, buf: make([]byte, w.opts.BlockBytes)}, nil
}

// add appends all of r, cut into records where blocks end.
func (t *textSet) add(r io.Reader) error {
	t.files++
	for {
		n, err := io.ReadFull(r, t.buf[:t.w.room()])
		if n > 0 {
			if err := t.w.Append(t.buf[:n]); err != nil {
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

// summary is what is to be told of the set, given its manifest.
func (t *textSet) summary(m Manifest) TextSet {
	return TextSet{Dir: t.w.opts.Dir, Files: t.files, Shards: len(m.Shards), Bytes: m.Size, Hash: m.Hash}
}

// cleanUp aborts the writer when the function that deferred it fails.
func (t *textSet) cleanUp(err *error) {
	if *err != nil {
		t.w.Abort()
	}
}
