package reviews

import (
	"strings"
	"unicode"
)

// Front and Back stand before and behind each review in a text. A network that has read Front is at the beginning of a
// review.
const (
	Front = "\n "
	Back  = " "
)

// Paper cleans a review as Radford et al. (2017) did, without Front and Back: character references become characters,
// newlines become spaces, white space at both ends goes.
func Paper(review string) string {
	return strings.TrimFunc(strings.ReplaceAll(Unescape(review), "\n", " "), isSpace)
}

// isSpace says whether Python's str.strip strips a character.
func isSpace(c rune) bool { return unicode.IsSpace(c) || c >= 0x1c && c <= 0x1f }
