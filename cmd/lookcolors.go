package cmd

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn/look"
)

// coloredText is a text in pieces, each with a value from -1 to 1.
type coloredText struct {
	title  string
	pieces []string // bytes, or words
	words  bool     // they are these
	values []float32
	tip    func(i int) string // what a page tells of a piece beside its value
	says   string             // what the page says of it
}

// bytesOf is the pieces of a text of bytes.
func bytesOf(text []byte) (pieces []string) {
	for i := range text {
		pieces = append(pieces, string(text[i:i+1]))
	}
	return pieces
}

// readColored is a text that was read with a value at each character.
func readColored(title string, r *look.Reading, values []float32) *coloredText {
	return &coloredText{title: title, pieces: bytesOf(r.Text), values: values, says: " and what the network expects behind it", tip: func(i int) string {
		var next []string
		for _, g := range r.Next(i, 5) {
			next = append(next, fmt.Sprintf("%q %.3f", string([]byte{g.Byte}), g.Probability))
		}
		return "\nnext " + strings.Join(next, ", ")
	}}
}

// shown is what stands from a piece on, as it is read, with a space behind a word; and where the next begins: bytes that make one character are shown
// together.
func (t *coloredText) shown(i int) (text string, next int) {
	if t.words {
		return visibleText(t.pieces[i]) + " ", i + 1
	}
	if size := runeAt(i, len(t.pieces), func(k int) byte { return t.pieces[k][0] }); size > 1 {
		return strings.Join(t.pieces[i:i+size], ""), i + size
	}
	return strings.ReplaceAll(shownByte(t.pieces[i][0]), "\n", "⏎"), i + 1
}

// runeAt is how many bytes from one on make a character that can be shown; 1 where it is a byte alone.
func runeAt(i, end int, at func(int) byte) int {
	var b []byte
	for k := i; k < min(end, i+utf8.UTFMax); k++ {
		b = append(b, at(k))
	}
	if r, size := utf8.DecodeRune(b); size > 1 && unicode.IsGraphic(r) && !unicode.Is(unicode.Mn, r) {
		return size
	}
	return 1
}

// ends says whether a line ends behind a piece.
func (t *coloredText) ends(i int) bool { return t.pieces[i] == "\n" }

// paint shows a text in colors: on a terminal, or as a page.
func (o *textFlags) paint(c *cobra.Command, t *coloredText, p cellColor) error {
	if o.out != "" {
		if err := t.writePage(o.out, p); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintln(c.OutOrStdout(), o.out)
		return nil
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%s:\n", visibleText(t.title))
	if terminal := terminalOf(w); terminal != nil {
		w = terminal
	} else if !o.ansi {
		for i, piece := range t.pieces {
			fmt.Fprintf(w, "%6d %-8q %6.3f\n", i, piece, t.values[i])
		}
		return nil
	}
	_, err := io.WriteString(w, t.ansi(p))
	return err
}

// cellColor is the color of a value.
type cellColor func(v float32) (r, g, b uint8)

// colorNames are the rules of color, those of the page.
var colorNames = []string{"tanh", "nv", "gp"}

var cellColors = map[string]cellColor{"tanh": heat, "nv": redGreen, "gp": steep}

// color is the color of what a cell holds.
func (o *textFlags) color() cellColor {
	p := cellColors[o.colors]
	if !o.flip {
		return p
	}
	return func(v float32) (r, g, b uint8) { return p(-v) }
}

// ramp is the colors from -1 to 1 as stops of a gradient.
func (p cellColor) ramp() string {
	var stops []string
	for i := range 9 {
		r, g, b := p(float32(i-4) / 4)
		stops = append(stops, fmt.Sprintf("#%02x%02x%02x", r, g, b))
	}
	return strings.Join(stops, ",")
}

// redGreen is red from -1, yellow at 0 and green to 1.
func redGreen(v float32) (r, g, b uint8) {
	to := func(from, to float64) uint8 { return uint8(math.Round(from + (to-from)*min(1, math.Abs(float64(v))))) }
	switch {
	case v != v:
		return 200, 200, 200
	case v < 0:
		return 255, to(255, 0), 0
	}
	return to(255, 0), to(255, 160), 0
}

// steep is orange where a value is low, green at 0, blue where it is high, by tanh of three times the value.
func steep(v float32) (r, g, b uint8) {
	if v != v {
		return 200, 200, 200
	}
	p := math.Tanh(3*float64(v))/2 + 0.5
	q := 1 - 1.3*p
	part := func(x float64) uint8 { return uint8(math.Round(255 * min(1, max(0, x)))) }
	return part(q), part(1 - 1.3*math.Abs(0.5-p) + 0.3*q), part(1.3*p - 0.3)
}

// heat is red from -1, white at 0 and blue to 1.
func heat(v float32) (r, g, b uint8) {
	pale := func(full uint8, v float32) uint8 { return uint8(255 - (255-float32(full))*min(max(v, 0), 1)) }
	switch {
	case v != v:
		return 200, 200, 200
	case v < 0:
		return pale(214, -v), pale(48, -v), pale(39, -v)
	}
	return pale(49, v), pale(98, v), pale(201, v)
}

// dark says whether white letters are read better on a color.
func dark(r, g, b uint8) bool { return 299*int(r)+587*int(g)+114*int(b) < 128000 }

// ansi is the text in colors for a terminal. Control characters are shown as such.
func (t *coloredText) ansi(p cellColor) string {
	var out strings.Builder
	for i := 0; i < len(t.values); {
		text, next := t.shown(i)
		r, g, b := p(t.values[next-1])
		ink := "30"
		if dark(r, g, b) {
			ink = "97"
		}
		fmt.Fprintf(&out, "\x1b[%s;48;2;%d;%d;%dm%s", ink, r, g, b, text)
		if t.ends(i) {
			out.WriteString("\x1b[0m\n")
		}
		i = next
	}
	return out.String() + "\x1b[0m\n"
}

// shownByte is a byte as it is read, one that makes no character as a box.
func shownByte(c byte) string {
	switch {
	case c == '\n':
		return "\n"
	case c == '\t':
		return "    "
	case c < ' ' || c == 0x7f:
		return "·"
	case c >= 0x80:
		return "▯"
	}
	return string(rune(c))
}

const coloredHead = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>%[1]s</title>
<style>body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#1b1f27;background:#fff}
pre{font:14px/1.45 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}
.d{color:#fff}i{display:inline-block;width:14em;height:1em;background:linear-gradient(90deg,%[2]s)}</style>
<h1>%[1]s</h1><p>−1 <i></i> 1. A %[3]s under the pointer tells its value%[4]s.</p>
<pre>`

// writePage writes the text as a page that needs nothing else.
func (t *coloredText) writePage(path string, p cellColor) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	piece := "character"
	if t.words {
		piece = "word"
	}
	fmt.Fprintf(w, coloredHead, html.EscapeString(visibleText(t.title)), p.ramp(), piece, t.says)
	for i := 0; i < len(t.values); {
		text, next := t.shown(i)
		red, green, blue := p(t.values[next-1])
		class := ""
		if dark(red, green, blue) {
			class = " class=d"
		}
		tip := fmt.Sprintf("%d: %.3f", i, t.values[i])
		for k := i + 1; k < next; k++ { // bytes of the character
			tip += fmt.Sprintf("\n%d: %.3f", k, t.values[k])
		}
		if t.tip != nil {
			tip += t.tip(next - 1)
		}
		fmt.Fprintf(w, `<span%s style="background:#%02x%02x%02x" title="%s">%s</span>`, class, red, green, blue, html.EscapeString(tip), html.EscapeString(text))
		if t.ends(i) {
			fmt.Fprintln(w)
		}
		i = next
	}
	fmt.Fprintln(w, "</pre></html>")
	err = w.Flush()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
