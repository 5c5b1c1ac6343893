package reviews

import (
	"html"
	"strings"
	"unicode/utf8"
)

// Unescape replaces the character references of a text, once, as Python's html.unescape does: the named ones of HTML 5, also
// without a semicolon where HTML 5 knows them so, and numbers. Numbers that HTML 5 forbids are left out, unless it says
// which character is meant.
func Unescape(text string) string {
	at := strings.IndexByte(text, '&')
	if at < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	b.WriteString(text[:at])
	for text = text[at:]; text != ""; {
		// What begins with an ampersand and ends before the next one holds one reference at most.
		end := strings.IndexByte(text[1:], '&') + 1
		if end == 0 {
			end = len(text)
		}
		part := text[:end]
		text = text[end:]
		if strings.HasPrefix(part, "&#") {
			unescapeNumber(&b, part)
		} else {
			b.WriteString(html.UnescapeString(wide.Replace(part)))
		}
	}
	return b.String()
}

// wide are the two references that Go's package html lacks: they are shorter than what they stand for.
var wide = strings.NewReplacer("&nGt;", "≫\u20d2", "&nLt;", "≪\u20d2")

// unescapeNumber writes a text that begins with "&#". Go's package html has another idea of forbidden numbers.
func unescapeNumber(b *strings.Builder, part string) {
	digits, base := part[2:], rune(10)
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, number := 0, rune(0)
	for ; n < len(digits); n++ {
		d := digit(digits[n])
		if d >= base {
			break
		}
		number = min(number*base+d, utf8.MaxRune+1) // all larger ones are alike
	}
	if n == 0 {
		b.WriteString(part)
		return
	}
	writeNumber(b, number)
	b.WriteString(strings.TrimPrefix(digits[n:], ";"))
}

// digit is the value of a hexadecimal digit; that of all else is 16.
func digit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return 16
}

// windows1252 is what HTML 5 takes the numbers 0x80 to 0x9f for.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// writeNumber writes the character that a number refers to.
func writeNumber(b *strings.Builder, number rune) {
	switch {
	case number >= 0x80 && number <= 0x9f:
		b.WriteRune(windows1252[number-0x80])
	case number == 0 || !utf8.ValidRune(number):
		b.WriteRune(utf8.RuneError)
	case number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r',
		number == 0x7f, number >= 0xfdd0 && number <= 0xfdef, number&0xfffe == 0xfffe: // forbidden
	default:
		b.WriteRune(number)
	}
}
