package inside

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
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

// sideOf is the longest side of so many tiles that have so many pixels together.
func sideOf(tiles, pixels int) int { return int(math.Sqrt(float64(pixels / max(1, tiles)))) }

// shrunk is a picture whose sides are no longer than that: a pixel is the mean of a square of pixels.
func shrunk(m image.Image, side int) image.Image {
	size := m.Bounds().Size()
	by := (max(size.X, size.Y) + side - 1) / side
	if by <= 1 {
		return m
	}
	to := image.NewNRGBA(image.Rect(0, 0, (size.X+by-1)/by, (size.Y+by-1)/by))
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			to.Set(x, y, mean(m, image.Rect(x*by, y*by, (x+1)*by, (y+1)*by).Add(m.Bounds().Min).Intersect(m.Bounds())))
		}
	}
	return to
}

// mean is the mean color of a part of a picture, which may not be empty.
func mean(m image.Image, of image.Rectangle) color.Color {
	var sum [4]uint64
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X; x++ {
			r, g, b, a := m.At(x, y).RGBA()
			for i, v := range []uint32{r, g, b, a} {
				sum[i] += uint64(v)
			}
		}
	}
	n := uint64(of.Dx() * of.Dy())
	part := func(i int) uint16 { return uint16((sum[i] + n/2) / n) }
	return color.RGBA64{R: part(0), G: part(1), B: part(2), A: part(3)}
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
