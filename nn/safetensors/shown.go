package safetensors

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shown is a tensor's name for people: in quotes, with escapes, where it holds what does not show. Names are anybody's.
func Shown(name string) string {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return strconv.Quote(name)
	}
	return name
}
