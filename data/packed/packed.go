// Package packed reads files that may be packed by gzip, bzip2 or zstd. What packed a file is told by its first bytes, never by
// its name.
package packed

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/rondo-ml/rondo/data/gunzip"
)

// endings are what packed files are called behind the name of what they hold.
var endings = []string{".gz", ".bz2", ".zst"}

// Endings are what packed files are called behind the name of what they hold: ".gz", ".bz2", ".zst".
func Endings() []string { return append([]string(nil), endings...) }

// Inner is the name of what a file holds: "a.csv" of "a.csv.zst". It is in lower case.
func Inner(name string) string {
	name = strings.ToLower(name)
	for _, ending := range endings {
		if inner, packed := strings.CutSuffix(name, ending); packed {
			return inner
		}
	}
	return name
}

// largestWindow is how far back a file packed by zstd may point: what zstd -d takes without --long.
const largestWindow = 128 << 20

// NewReader reads a text that may be packed, without the byte order mark at its front. One that is packed by xz, or is UTF-16 by that
// mark, is an error that says what to do.
func NewReader(f io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(f, 1<<16)
	head, _ := r.Peek(4) // a file may be shorter
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gunzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("packed by gzip, and damaged: %w", err)
		}
		r = bufio.NewReaderSize(&packedReader{z, "gzip"}, 1<<16)
	case bytes.HasPrefix(head, []byte("BZh")):
		r = bufio.NewReaderSize(&packedReader{bzip2.NewReader(r), "bzip2"}, 1<<16)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// With one goroutine it works where it is read from, and there is nothing to close.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
		if err != nil {
			return nil, fmt.Errorf("packed by zstd, and damaged: %w", err)
		}
		r = bufio.NewReaderSize(zstdReader{z}, 1<<16)
	case bytes.HasPrefix(head, []byte("\xfd7zX")):
		return nil, errors.New("packed by xz; unpack it (xz -d), or pack it by gzip, bzip2 or zstd")
	}
	mark, _ := r.Peek(3)
	switch {
	case string(mark) == "\ufeff":
		_, _ = r.Discard(3)
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return nil, errors.New("UTF-16, by its byte order mark; convert it (iconv -f UTF-16 -t UTF-8)")
	}
	return r, nil
}

// packedReader says of what is wrong with a file what packed it.
type packedReader struct {
	io.Reader
	by string
}

func (r *packedReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("packed by %s, and damaged: %w", r.by, err)
	}
	return n, err
}

// zstdReader says of what is wrong with a file that zstd packed it.
type zstdReader struct{ *zstd.Decoder }

func (r zstdReader) Read(b []byte) (int, error) {
	n, err := r.Decoder.Read(b)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = fmt.Errorf("packed by zstd with a window of more than %d MiB; unpack it (zstd -d --long=31)", largestWindow>>20)
	case err != nil && err != io.EOF:
		err = fmt.Errorf("packed by zstd, and damaged: %w", err)
	}
	return n, err
}
