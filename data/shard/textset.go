package shard

import (
	"io"
	"path/filepath"
)

// textSet is a set being written, with what the summary wants to know of it.
type textSet struct {
	w     *Writer
	files int
	buf   []byte
}

func newTextSet(opts TextOptions, name string, plan plan) (*textSet, error) {
	w, err := NewWriter(WriterOptions{
		Dir: filepath.Join(opts.Out, name), Name: name, Kind: KindText, Meta: plan.meta(opts),
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
