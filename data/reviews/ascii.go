package reviews

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ASCII cleans a review as Puri et al. (2018) did, without Front and Back: tags become spaces, character references
// characters, characters beyond ASCII what looks like them, and runs of white space one space. Theirs has references last,
// which lets characters in that are none of ASCII.
//
// A letter loses its accents; dashes, quotes and ligatures become signs of the keyboard. A character for which there is
// nothing alike, such as one of Chinese, is left out.
func ASCII(review string) string {
	return strings.Join(strings.FieldsFunc(Transliterate(Unescape(withoutTags(review))), isSpace), " ")
}

// withoutTags makes a space of each tag: from a "<" to the next ">" on the same line.
func withoutTags(text string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(text, '<')
		if from < 0 {
			break
		}
		end := strings.IndexAny(text[from:], ">\n") + from
		if end < from { // the text has no end of it
			break
		}
		if text[end] == '>' {
			b.WriteString(text[:from])
			b.WriteByte(' ')
		} else {
			b.WriteString(text[:end+1])
		}
		text = text[end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// Transliterate writes a text in ASCII alone.
func Transliterate(text string) string {
	ascii := true
	for i := 0; ascii && i < len(text); i++ {
		ascii = text[i] < utf8.RuneSelf
	}
	if ascii {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, c := range text {
		if alike, ok := alike[c]; ok {
			b.WriteString(alike)
			continue
		}
		if c < utf8.RuneSelf {
			b.WriteByte(byte(c))
			continue
		}
		for _, c := range norm.NFKD.String(string(c)) {
			if alike, ok := alike[c]; ok {
				b.WriteString(alike)
			} else if c < utf8.RuneSelf {
				b.WriteByte(byte(c))
			}
		}
	}
	return b.String()
}

// alike is ASCII for characters beyond it that no decomposition of Unicode leads to.
var alike = map[rune]string{
	'‘': "'", '’': "'", '‚': ",", '‛': "'", '′': "'", '´': "'", 'ʼ': "'", 'ˈ': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': "<<", '»': ">>", '‹': "<", '›': ">",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "--", '―': "--", '−': "-", '\u00ad': "", '·': "*", '•': "*", '…': "...",
	'¡': "!", '¿': "?", '¢': "C/", '£': "PS", '¥': "Y=", '€': "EUR", '©': "(c)", '®': "(r)", '™': "(tm)",
	'°': "deg", '±': "+-", '×': "x", '÷': "/", '¬': "!", '§': "SS", '¶': "P", '¦': "|", '¤': "$?", '¨': `"`, '¸': ",", '¯': "-",
	'ß': "ss", 'ẞ': "SS", 'æ': "ae", 'Æ': "AE", 'œ': "oe", 'Œ': "OE", 'ø': "o", 'Ø': "O", 'ð': "d", 'Ð': "D", 'þ': "th", 'Þ': "Th",
	'đ': "d", 'Đ': "D", 'ł': "l", 'Ł': "L", 'ħ': "h", 'Ħ': "H", 'ı': "i", 'ŋ': "ng", 'Ŋ': "NG", 'ŧ': "t", 'Ŧ': "T", 'ĸ': "k", 'µ': "u",
	'¼': " 1/4 ", '½': " 1/2 ", '¾': " 3/4 ", '⁄': "/", '\u200b': "", '\ufeff': "",
}
