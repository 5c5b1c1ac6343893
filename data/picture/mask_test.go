package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
)

func encodePNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeMask(t *testing.T) {
	r := image.Rect(0, 0, 2, 2)
	paletted := image.NewPaletted(r, color.Palette{color.White, color.Black, color.NRGBA{1, 2, 3, 4}})
	paletted.Pix = []byte{2, 0, 1, 2}
	grey := image.NewGray(r)
	grey.Pix = []byte{0, 7, 255, 1}
	same := image.NewNRGBA(r)
	for i := range 4 {
		same.SetNRGBA(i%2, i/2, color.NRGBA{byte(i), byte(i), byte(i), byte(100 + i)})
	}
	for _, c := range []struct {
		img  image.Image
		want []byte
	}{{paletted, []byte{2, 0, 1, 2}}, {grey, []byte{0, 7, 255, 1}}, {same, []byte{0, 1, 2, 3}}} {
		p, err := DecodeMask(encodePNG(t, c.img), 0)
		if err != nil || p.Channels != 1 || p.Height != 2 || p.Width != 2 || !slices.Equal(p.Pixels, c.want) {
			t.Errorf("%T: %+v, %v, want %v", c.img, p, err, c.want)
		}
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{encodePNG(t, image.NewGray16(r)), "16 bits"},
		{read(t, "red.jpg"), "must be a PNG"},
		{read(t, "red.webp"), "must be a PNG"},
		{nil, "empty"},
	} {
		if _, err := DecodeMask(c.b, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
