package labelled

import (
	"html"
	"strings"
)

// Padded is a text as networks of bytes are trained on it: with HTML's character references replaced and lines joined,
// between "\n " and " ", which stand for its begin and its end (Radford et al. 2017).
func Padded(text string) []byte {
	text = strings.TrimSpace(strings.ReplaceAll(html.UnescapeString(text), "\n", " "))
	return []byte("\n " + text + " ")
}
