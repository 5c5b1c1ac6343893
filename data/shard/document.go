package shard

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
)

// document is one text file.
type document struct {
	file files.File

	draw  float64 // from the key, in [0, 1): held out if less than the fraction
	order uint64  // from the key too, but unrelated to draw: its place in the text

	mark int64  // bytes of the byte order mark at the front of the file, which is no part of the text
	size int64  // bytes of text in the file
	crc  uint32 // of these bytes
	sep  int64  // bytes of separator to be added
}

func newDocument(file files.File) document {
	h := sha256.Sum256([]byte(file.Key))
	return document{
		file:  file,
		draw:  files.Draw(file.Key),
		order: binary.BigEndian.Uint64(h[8:]),
	}
}

// length is what the document adds to the text.
func (d document) length() int64 { return d.size + d.sep }

// scan reads every file once and keeps those that are text. A file that is not is left out or, if it was named, an
// error.
func scan(found []files.File, opts TextOptions) (kept []document, left []files.LeftOut, err error) {
	var refused []files.LeftOut
	buf := make([]byte, 256<<10)
	for _, file := range found {
		d := newDocument(file)
		bad := d.scan(opts, buf)
		switch {
		case bad == nil:
			kept = append(kept, d)
		case file.Named:
			refused = append(refused, *bad)
		default:
			left = append(left, *bad)
		}
	}
	return kept, left, files.Refuse(refused)
}

// scan reads the file through buf and fills mark, size, crc and sep. It says why the file is not taken, if it is not.
func (d *document) scan(opts TextOptions, buf []byte) *files.LeftOut {
	leave := func(reason files.Reason, detail string, offset int64) *files.LeftOut {
		return &files.LeftOut{Path: d.file.Path, Reason: reason, Detail: detail, Offset: offset}
	}
	f, err := os.Open(d.file.Path)
	if err != nil {
		return leave(files.Unreadable, files.ReasonOf(err), files.NoOffset)
	}
	defer f.Close()
	text := textScanner{r: f, buf: buf, raw: opts.Bytes}
	var tail []byte // the last bytes, as many as the separator has
	for err != io.EOF {
		var piece []byte
		piece, err = text.next()
		var bad *notTextError
		if errors.As(err, &bad) {
			return leave(NotText, bad.what, bad.offset)
		}
		if err != nil && err != io.EOF {
			return leave(files.Unreadable, files.ReasonOf(err), text.at)
		}
		d.size += int64(len(piece))
		d.crc = crc32.Update(d.crc, castagnoli, piece)
		tail = append(tail, piece[max(0, len(piece)-len(opts.Separator)):]...)
		tail = tail[max(0, len(tail)-len(opts.Separator)):]
	}
	if d.mark = text.mark; d.size == 0 {
		return leave(Empty, "", files.NoOffset)
	}
	if string(tail) != opts.Separator {
		d.sep = int64(len(opts.Separator))
	}
	return nil
}

// docReader reads a document with its separator, and finds out whether it is still the one that was scanned.
type docReader struct {
	doc  document
	f    *os.File
	size int64
	crc  uint32
	tail *strings.Reader // the separator to add
}

func (d document) open(separator string) (*docReader, error) {
	f, err := os.Open(d.file.Path)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(d.mark, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return &docReader{doc: d, f: f, tail: strings.NewReader(separator[:d.sep])}, nil
}

// Read stops at the scanned size: what a growing file has gained since is left out.
func (r *docReader) Read(p []byte) (int, error) {
	left := r.doc.size - r.size
	if left == 0 {
		return r.tail.Read(p)
	}
	n, err := r.f.Read(p[:min(int64(len(p)), left)])
	r.size += int64(n)
	r.crc = crc32.Update(r.crc, castagnoli, p[:n])
	if err == io.EOF {
		err = r.changed()
	}
	return n, err
}

func (r *docReader) changed() error {
	return fmt.Errorf("%s changed while it was read; cut the shards again when it is at rest", r.doc.file.Path)
}

// finish closes the file after all of it was read.
func (r *docReader) finish() error {
	r.f.Close()
	if r.size == r.doc.size && r.crc != r.doc.crc {
		return r.changed()
	}
	return nil
}
