package draw

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"strings"
)

// SVG writes the scene as a picture of lines, readable without anything else.
func (s *Scene) SVG(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" `+
		`font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11.6">`+"\n", short(s.Width), short(s.Height))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="%s"/>`+"\n", hex(Paper))
	for _, i := range s.items {
		i.svg(&b)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func short(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// opacity is an attribute for what shines through.
func opacity(name string, c color.NRGBA) string {
	if c.A == 255 {
		return ""
	}
	return fmt.Sprintf(` %s="%s"`, name, short(float64(c.A)/255))
}

func (l line) svg(b *strings.Builder) {
	b.WriteString(`<path fill="none" stroke-linejoin="round" stroke="` + hex(l.color) + `"` + opacity("stroke-opacity", l.color))
	fmt.Fprintf(b, ` stroke-width="%s" d="`, short(l.width))
	for i, p := range l.points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		b.WriteString(command + short(p.X) + " " + short(p.Y))
	}
	b.WriteString("\"/>\n")
}

func (x box) svg(b *strings.Builder) {
	fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"%s/>`+"\n",
		short(x.at.X), short(x.at.Y), short(x.width), short(x.height), hex(x.color), opacity("fill-opacity", x.color))
}

func (t text) svg(b *strings.Builder) {
	fmt.Fprintf(b, `<text x="%s" y="%s" fill="%s"%s`, short(t.at.X), short(t.at.Y), hex(t.color), opacity("fill-opacity", t.color))
	if t.anchor != Start {
		fmt.Fprintf(b, ` text-anchor="%s"`, map[Anchor]string{Middle: "middle", End: "end"}[t.anchor])
	}
	if t.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if t.turned {
		fmt.Fprintf(b, ` transform="rotate(-90 %s %s)"`, short(t.at.X), short(t.at.Y))
	}
	b.WriteString(` xml:space="preserve">`)
	_ = xml.EscapeText(b, []byte(t.text)) // a builder takes all
	b.WriteString("</text>\n")
}

func (p picture) svg(b *strings.Builder) {
	var data bytes.Buffer
	_ = png.Encode(&data, p.image) // a buffer takes all
	fmt.Fprintf(b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		short(p.at.X), short(p.at.Y), short(p.width), short(p.height), base64.StdEncoding.EncodeToString(data.Bytes()))
}

func (p placed) svg(b *strings.Builder) {
	fmt.Fprintf(b, `<g transform="translate(%s %s)">`+"\n", short(p.at.X), short(p.at.Y))
	for _, i := range p.scene.items {
		i.svg(b)
	}
	b.WriteString("</g>\n")
}
