package runfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// byteOrderMark is U+FEFF in UTF-8, which some editors put before a text.
const byteOrderMark = "\ufeff"

// decodeText returns text, the bytes of a run file, without a byte-order mark. Text that is not UTF-8 is an error
// that says what it is.
func decodeText(name string, text []byte) (string, error) {
	const want = "UTF-8; save the file in that encoding"
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return "", &Error{File: name, Found: "a text in UTF-16", Want: want}
	}
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	if at := bytes.IndexByte(text, 0); at >= 0 {
		e := place{file: name, line: lineOf(text, at)}.blame("", "a zero byte, as texts in UTF-16 have", want)
		return "", e
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return "", place{file: name, line: lineOf(text, at)}.blame("", fmt.Sprintf("the byte 0x%02x", text[at]), want)
		}
		at += size
	}
	return string(text), nil
}

// lineOf is the number, from 1, of the line that holds the byte at an offset.
func lineOf(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }
