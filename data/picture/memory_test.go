package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"testing"
)

// Pictures do not depend on what is in the memory that others gave back.
func TestFreedMemory(t *testing.T) {
	var files [][]byte
	for i, size := range []image.Point{{300, 310}, {511, 257}} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, noisy(size.X, size.Y, uint64(i)), nil); err != nil {
			t.Fatal(err)
		}
		files = append(files, b.Bytes())
	}
	var b bytes.Buffer // a frame that does not cover its picture
	frame := image.NewPaletted(image.Rect(100, 100, 200, 200), color.Palette{color.White})
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 400, Height: 300}}); err != nil {
		t.Fatal(err)
	}
	files = append(files, b.Bytes())
	var first [][]byte
	for round := range 6 {
		for i, b := range files {
			p, err := Decode(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			small := p.ShortSide(100, Bilinear)
			got := append(bytes.Clone(p.Pixels), small.Pixels...)
			if round == 0 {
				first = append(first, got)
			} else if !bytes.Equal(got, first[i]) {
				t.Errorf("round %d: file %d has other pixels", round, i)
			}
			for k := range p.Pixels {
				p.Pixels[k] = 0xa5
			}
			p.Free()
			for _, n := range []int{100 << 10, 1 << 20} {
				giveBack(bytes.Repeat([]byte{0x5a}, n))
			}
		}
	}
}
