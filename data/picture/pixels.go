package picture

import (
	"fmt"
	"image"
	"image/color"

	"github.com/rondo-ml/rondo/data/picture/internal/kernel"
)

// pixelsOf makes pixels of a decoded image, on a canvas of the size that the file's header gives.
func pixelsOf(img image.Image, width, height int, colours ycbcr) (*Picture, error) {
	r := img.Bounds()
	if r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > width || r.Max.Y > height {
		return nil, fmt.Errorf("pixels at %v, outside of %d×%d", r, width, height)
	}
	channels := 3
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	}
	p := &Picture{Height: height, Width: width, Channels: channels, Pixels: memory(height * width * channels)}
	if r != image.Rect(0, 0, width, height) {
		clear(p.Pixels) // what is not covered is black
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.row(y)[r.Min.X*channels : r.Max.X*channels]
		if !copyRow(row, img, r.Min.X, y, colours) {
			return nil, fmt.Errorf("pixels of a kind that is not known: %T", img)
		}
	}
	return p, nil
}

// copyRow writes a row of an image from column x on, and says whether it knows the kind of image.
func copyRow(row []byte, img image.Image, x, y int, colours ycbcr) bool {
	switch m := img.(type) {
	case *image.Gray:
		copy(row, m.Pix[m.PixOffset(x, y):])
	case *image.Gray16:
		for i, at := 0, m.PixOffset(x, y); i < len(row); i, at = i+1, at+2 {
			row[i] = eight(m.Pix[at:])
		}
	case *image.YCbCr:
		colours.copyRow(row, m, x, y)
	case *image.NYCbCrA:
		colours.copyRow(row, &m.YCbCr, x, y)
	case *image.CMYK:
		for i, at := 0, m.PixOffset(x, y); i < len(row); i, at = i+3, at+4 {
			row[i], row[i+1], row[i+2] = color.CMYKToRGB(m.Pix[at], m.Pix[at+1], m.Pix[at+2], m.Pix[at+3])
		}
	case *image.RGBA: // opaque, or the decoder would have made it NRGBA
		copyFour(row, m.Pix[m.PixOffset(x, y):])
	case *image.NRGBA:
		copyFour(row, m.Pix[m.PixOffset(x, y):])
	case *image.RGBA64:
		copyEight(row, m.Pix[m.PixOffset(x, y):])
	case *image.NRGBA64:
		copyEight(row, m.Pix[m.PixOffset(x, y):])
	case *image.Paletted:
		palette := bytesOf(m.Palette)
		for i, at := 0, m.PixOffset(x, y); i < len(row); i, at = i+3, at+1 {
			copy(row[i:i+3], palette[m.Pix[at]][:])
		}
	default:
		return false
	}
	return true
}

// eight is the 8-bit value of two big-endian bytes: v/257, rounded.
func eight(b []byte) byte {
	v := uint32(b[0])<<8 | uint32(b[1])
	return byte((v + 128) / 257)
}

// copyFour takes three of every four bytes.
func copyFour(row, pix []byte) {
	for i, at := 0, 0; i < len(row); i, at = i+3, at+4 {
		row[i], row[i+1], row[i+2] = pix[at], pix[at+1], pix[at+2]
	}
}

// copyEight takes three 16-bit channels of every four.
func copyEight(row, pix []byte) {
	for i, at := 0, 0; i < len(row); i, at = i+3, at+8 {
		row[i], row[i+1], row[i+2] = eight(pix[at:]), eight(pix[at+2:]), eight(pix[at+4:])
	}
}

// bytesOf are the colours of a palette as they are stored, whatever their alpha. Places beyond it are black.
func bytesOf(palette color.Palette) (table [256][3]byte) {
	for i, c := range palette {
		switch c := c.(type) {
		case color.NRGBA:
			table[i] = [3]byte{c.R, c.G, c.B}
		case color.RGBA:
			table[i] = [3]byte{c.R, c.G, c.B}
		}
	}
	return table
}

// ycbcr are the equations from luma and colour differences to red, green and blue, in 16-bit fixed point.
type ycbcr struct {
	black                   int32 // luma of black
	luma                    int32
	redCr, greenCb, greenCr int32
	blueCb                  int32
}

var (
	jfif  = ycbcr{black: 0, luma: 1 << 16, redCr: 91881, greenCb: 22554, greenCr: 46802, blueCb: 116130}
	video = ycbcr{black: 16, luma: 76309, redCr: 104597, greenCb: 25675, greenCr: 53279, blueCb: 132201} // from 16 to 235
)

// copyRow converts a row from column x0 on. A subsampled pixel of colour is repeated.
func (e ycbcr) copyRow(row []byte, m *image.YCbCr, x0, y int) {
	luma := m.Y[m.YOffset(x0, y):][:len(row)/3]
	first := m.COffset(x0, y)
	wide := 0 // a pixel of colour covers 1<<wide columns
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		wide = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		wide = 2
	}
	x0 &= 1<<wide - 1 // the part of the first pixel of colour that is passed over
	if e == jfif && wide < 2 && x0 == 0 {
		kernel.RGB(row, luma, m.Cb[first:], m.Cr[first:], wide == 1)
		return
	}
	for i, v := range luma {
		c := first + (x0+i)>>wide
		yy := (int32(v)-e.black)*e.luma + 1<<15
		cb, cr := int32(m.Cb[c])-128, int32(m.Cr[c])-128
		row[3*i] = kernel.Clip((yy + e.redCr*cr) >> 16)
		row[3*i+1] = kernel.Clip((yy - e.greenCb*cb - e.greenCr*cr) >> 16)
		row[3*i+2] = kernel.Clip((yy + e.blueCb*cb) >> 16)
	}
}

// firstChannel is a picture whose three channels are one, with that one.
func firstChannel(p *Picture) *Picture {
	if p.Channels == 1 {
		return p
	}
	q := newPicture(p.Height, p.Width, 1)
	for i := range q.Pixels {
		q.Pixels[i] = p.Pixels[3*i]
	}
	return q
}
