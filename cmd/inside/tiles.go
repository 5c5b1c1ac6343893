package inside

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"unicode/utf16"
)

// tiles are pictures beside one another, of one size.
type tiles struct {
	Tiles   int `json:"tiles"`
	Columns int `json:"columns"`
	Height  int `json:"height"` // of a tile
	Width   int `json:"width"`
}

// ofTiles is an answer of pictures in rows of so many. What facts makes of their sizes is told beside them.
func ofTiles(list []image.Image, columns int, facts func(t tiles) any) (answer, error) {
	t := tiles{Tiles: len(list), Columns: max(1, min(columns, len(list)))}
	for _, m := range list {
		t.Height, t.Width = max(t.Height, m.Bounds().Dy()), max(t.Width, m.Bounds().Dx())
	}
	rows := (len(list) + t.Columns - 1) / t.Columns
	sheet := image.NewNRGBA(image.Rect(0, 0, max(1, t.Columns*t.Width), max(1, rows*t.Height)))
	for i, m := range list {
		at := image.Pt(i%t.Columns*t.Width, i/t.Columns*t.Height)
		draw.Draw(sheet, image.Rectangle{Min: at, Max: at.Add(m.Bounds().Size())}, m, m.Bounds().Min, draw.Src)
	}
	head, err := json.Marshal(facts(t))
	if err != nil {
		return answer{}, err
	}
	head = ascii(head)
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		return answer{}, err
	}
	return answer{kind: "image/png", head: string(head), body: b.Bytes()}, nil
}

// ascii is JSON with escapes in the place of what a header cannot hold.
func ascii(text []byte) []byte {
	var b []byte
	for _, r := range string(text) {
		if r < 0x7f {
			b = append(b, byte(r))
			continue
		}
		for _, half := range utf16.Encode([]rune{r}) {
			b = fmt.Appendf(b, "\\u%04x", half)
		}
	}
	return b
}
