package shard

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// document is one text file.
type document struct {
	path string // to open it
	key  string // slash-separated, relative: the same wherever the files lie

	draw  float64 // from the key, in [0, 1): held out if less than the fraction
	order uint64  // from the key too, but unrelated to draw: its place in the text

	size int64  // bytes; this and what follows from scan
	crc  uint32 // of the bytes
	sep  int64  // bytes of separator to be added
}

func newDocument(path, key string) document {
	h := sha256.Sum256([]byte(key))
	return document{
		path: path, key: key,
		draw:  float64(binary.BigEndian.Uint64(h[:])>>11) / (1 << 53),
		order: binary.BigEndian.Uint64(h[8:]),
	}
}

// length is what the document adds to the text.
func (d document) length() int64 { return d.size + d.sep }

// scan reads every document once and keeps those that are text.
func scan(docs []document, opts TextOptions, skipped *Skipped) ([]document, error) {
	var kept []document
	buf := make([]byte, 256<<10)
	for _, d := range docs {
		text, err := d.scan(opts.Separator, buf)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", d.path, err)
		case !text:
			skipped.Binary++
		case d.size == 0:
			skipped.Empty++
		default:
			kept = append(kept, d)
		}
	}
	return kept, nil
}

// scan reads the file through buf, fills size, crc and sep, and says whether it is text. It stops
// at the first sign that it is not.
func (d *document) scan(separator string, buf []byte) (text bool, err error) {
	f, err := os.Open(d.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var tail []byte // the last bytes, as many as the separator has
	for kept := 0; ; {
		n, err := f.Read(buf[kept:])
		fresh := buf[kept : kept+n]
		d.size += int64(n)
		d.crc = crc32.Update(d.crc, castagnoli, fresh)
		tail = append(tail, fresh[max(0, n-len(separator)):]...)
		tail = tail[max(0, len(tail)-len(separator)):]

		whole := buf[:kept+n]
		if err == nil {
			whole = wholeRunes(whole)
		}
		if !isText(whole) {
			return false, nil
		}
		kept = copy(buf, buf[len(whole):kept+n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	if string(tail) != separator {
		d.sep = int64(len(separator))
	}
	return true, nil
}

// isText says whether b is UTF-8 without zero bytes.
func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// wholeRunes is b without a character at its end that is not all there yet.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// docReader reads a document with its separator, and finds out whether it is still the one that
// was scanned.
type docReader struct {
	doc  document
	f    *os.File
	size int64
	crc  uint32
	tail *strings.Reader // the separator to add
}

func (d document) open(separator string) (*docReader, error) {
	f, err := os.Open(d.path)
	if err != nil {
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
	return fmt.Errorf("%s changed while it was read; cut the shards again when it is at rest", r.doc.path)
}

// finish closes the file after all of it was read.
func (r *docReader) finish() error {
	r.f.Close()
	if r.size == r.doc.size && r.crc != r.doc.crc {
		return r.changed()
	}
	return nil
}
