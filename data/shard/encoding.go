package shard

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// byteOrderMark is what some editors put before a text. It tells the encoding and is no part of the text.
const byteOrderMark = "\ufeff"

// notTextError says where a file ceases to be text.
type notTextError struct {
	what   string
	offset int64
}

func (e *notTextError) Error() string { return fmt.Sprintf("%s at offset %d", e.what, e.offset) }

// textScanner reads a file in pieces of whole characters and checks that it is text: UTF-8 without zero bytes.
type textScanner struct {
	r   io.Reader
	buf []byte
	raw bool // take everything, in pieces of any bytes

	mark  int64 // length of the byte order mark that was dropped
	at    int64 // offset of what comes next
	given int   // bytes of buf handed out last
	kept  int   // bytes of buf after these: the beginning of a character
}

// next gives the next piece, which is valid until the next call, and [io.EOF] with the last one.
func (s *textScanner) next() ([]byte, error) {
	s.kept = copy(s.buf, s.buf[s.given:s.given+s.kept])
	n, err := s.r.Read(s.buf[s.kept:])
	read := s.buf[:s.kept+n]
	piece := read
	if !s.raw {
		if err == nil {
			piece = wholeRunes(read)
		}
		if at, what := notText(piece, s.at == 0); what != "" {
			return nil, &notTextError{what, s.at + int64(at)}
		}
	}
	s.given, s.kept = len(piece), len(read)-len(piece)
	if s.at == 0 && !s.raw && bytes.HasPrefix(piece, []byte(byteOrderMark)) {
		s.mark = int64(len(byteOrderMark))
		piece = piece[s.mark:]
	}
	s.at += int64(s.given)
	return piece, err
}

// notText finds the first byte of b that no text has, and says what it is; what is "" if there is none. front says that
// b begins the file, where encodings other than UTF-8 show themselves.
func notText(b []byte, front bool) (at int, what string) {
	if isText(b) {
		return 0, ""
	}
	if front {
		if name := wideEncoding(b); name != "" {
			return 0, name
		}
	}
	for at < len(b) {
		r, n := utf8.DecodeRune(b[at:])
		switch {
		case b[at] == 0:
			return at, "a zero byte"
		case r == utf8.RuneError && n <= 1:
			return at, fmt.Sprintf("byte 0x%02x", b[at])
		}
		at += n
	}
	return at, ""
}

// wideEncoding names an encoding of two or four bytes a character by how a file in it begins, or is "".
func wideEncoding(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(b, []byte{0, 0, 0xfe, 0xff}):
		return "UTF-32, by its byte order mark"
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return "UTF-16, by its byte order mark"
	}
	if len(b) < 8 {
		return ""
	}
	zero := 1 // the place of the zero byte in each pair, if this is ASCII in two bytes a character
	if b[0] == 0 {
		zero = 0
	}
	for i, c := range b[:8] {
		if (c == 0) != (i%2 == zero) {
			return ""
		}
	}
	return "UTF-16 without a byte order mark, as it seems: a zero byte"
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
