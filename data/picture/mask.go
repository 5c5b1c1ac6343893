package picture

import (
	"errors"
	"fmt"
	"image"
)

// DecodeMask decodes a picture whose pixels are numbers rather than colours, into one channel: the place in the palette
// of one that has a palette, else the value of a grey one of at most 8 bits, where fewer bits are widened as PNG does it
// (1 bit to 0 and 255). Three channels that are the same everywhere count as grey. A JPEG is refused, as its numbers
// are not those that were stored, and so is a frame of a GIF that does not cover the picture.
func DecodeMask(b []byte, maxPixels int64) (*Picture, error) {
	return decodeTo(b, maxPixels, format.numbers)
}

// numbers makes a mask of a decoded image.
func (f format) numbers(_ []byte, img image.Image, size image.Config) (*Picture, error) {
	r := image.Rect(0, 0, size.Width, size.Height)
	switch m := img.(type) {
	case *image.Paletted:
		if m.Rect != r {
			return nil, fmt.Errorf("pixels at %v alone, of %d×%d", m.Rect, size.Width, size.Height)
		}
		return rowsOf(m.Pix, m.Stride, r), nil
	case *image.Gray:
		if f.name != "JPEG" {
			return rowsOf(m.Pix, m.Stride, r), nil
		}
	}
	if f.name == "JPEG" || f.name == "WebP" {
		return nil, errors.New("a mask must be a PNG or a GIF: others do not keep the numbers of classes")
	}
	switch img.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return nil, errors.New("a mask of 16 bits: want 8 at most")
	}
	p, err := pixelsOf(img, size.Width, size.Height, f.colours)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(p.Pixels); i += 3 {
		if c := p.Pixels[i:][:3]; c[0] != c[1] || c[0] != c[2] {
			x, y := i/3%p.Width, i/3/p.Width
			return nil, fmt.Errorf("a coloured mask: want a palette or grey, and the pixel at (%d, %d) is %v", x, y, c)
		}
	}
	return firstChannel(p), nil
}

// rowsOf copies rows of bytes.
func rowsOf(pix []byte, stride int, r image.Rectangle) *Picture {
	p := newPicture(r.Dy(), r.Dx(), 1)
	for y := range p.Height {
		copy(p.row(y), pix[y*stride:])
	}
	return p
}
