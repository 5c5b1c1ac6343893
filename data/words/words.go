// Package words cuts texts into words and numbers them.
//
// A word is a run of letters, digits and marks, in small letters; an apostrophe
// between two letters belongs to it ("don't"). Every other sign that is not a
// space is a word by itself: what "!" says of a text is not lost.
//
// A vocabulary holds the most frequent words of the texts that a network is
// trained on. Its number 0 is [Unknown], which stands for all others.
package words

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Unknown is the name of number 0. No text has it for a word.
const Unknown = "<unknown>"

// Split cuts a text into its words, in order.
func Split(text string) []string {
	var words []string
	signs := []rune(strings.ToLower(text))
	inWord := func(i int) bool {
		if i < 0 || i >= len(signs) {
			return false
		}
		r := signs[i]
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
	}
	apostrophe := func(i int) bool {
		return (signs[i] == '\'' || signs[i] == '’') && i > 0 && i+1 < len(signs) && unicode.IsLetter(signs[i-1]) && unicode.IsLetter(signs[i+1])
	}
	for i := 0; i < len(signs); {
		from := i
		for i < len(signs) && (inWord(i) || i > from && apostrophe(i)) {
			i++
		}
		if i == from {
			i++
			if unicode.IsSpace(signs[from]) {
				continue
			}
		}
		words = append(words, strings.ReplaceAll(string(signs[from:i]), "’", "'"))
	}
	return words
}

// Vocabulary numbers words.
type Vocabulary struct {
	Names  []string // by number; the first is Unknown
	number map[string]int32
}

// Of is the vocabulary of these names, as Names has them.
func Of(names []string) Vocabulary {
	v := Vocabulary{Names: names, number: make(map[string]int32, len(names))}
	for i, name := range names {
		v.number[name] = int32(i)
	}
	return v
}

// Most is the vocabulary of the n most frequent words, the most frequent first and
// equal ones in order of their bytes.
func Most(counts map[string]int, n int) Vocabulary {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	return Of(slices.Concat([]string{Unknown}, names[:min(n, len(names))]))
}

// Numbers are the numbers of a text's words.
func (v Vocabulary) Numbers(text string) []int32 {
	var numbers []int32
	for _, word := range Split(text) {
		numbers = append(numbers, v.number[word]) // 0 for one that is not there
	}
	return numbers
}
