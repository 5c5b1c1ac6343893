package picture

// Picture is 8-bit pixels [Height, Width, Channels].
type Picture struct {
	Height, Width int
	Channels      int // 1: grey; 3: red, green, blue
	Pixels        []byte
}

func newPicture(height, width, channels int) *Picture {
	return &Picture{Height: height, Width: width, Channels: channels, Pixels: make([]byte, height*width*channels)}
}

// row is the pixels of row y.
func (p *Picture) row(y int) []byte {
	n := p.Width * p.Channels
	return p.Pixels[y*n:][:n]
}

// RGB is the picture with three channels: itself, or a copy of a grey one.
func (p *Picture) RGB() *Picture {
	if p.Channels == 3 {
		return p
	}
	q := newPicture(p.Height, p.Width, 3)
	for i, v := range p.Pixels {
		q.Pixels[3*i], q.Pixels[3*i+1], q.Pixels[3*i+2] = v, v, v
	}
	return q
}

// Grey is the picture with one channel: itself, or the luma of a coloured one (ITU-R 601: 0.299 red, 0.587 green, 0.114
// blue, rounded).
func (p *Picture) Grey() *Picture {
	if p.Channels == 1 {
		return p
	}
	q := newPicture(p.Height, p.Width, 1)
	for i := range q.Pixels {
		r, g, b := uint32(p.Pixels[3*i]), uint32(p.Pixels[3*i+1]), uint32(p.Pixels[3*i+2])
		q.Pixels[i] = byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16)
	}
	return q
}

// upright turns a picture by the orientation that EXIF gives it, 1 to 8. Others leave it as it is.
func (p *Picture) upright(orientation int) *Picture {
	if orientation < 2 || orientation > 8 {
		return p
	}
	q := newPicture(p.Height, p.Width, p.Channels)
	if orientation >= 5 { // rows become columns
		q.Height, q.Width = p.Width, p.Height
	}
	for y := range q.Height {
		for x := range q.Width {
			fromY, fromX := y, x
			if orientation >= 5 {
				fromY, fromX = x, y
			}
			switch orientation {
			case 2, 3, 7, 8: // mirrored from left to right in the file
				fromX = p.Width - 1 - fromX
			}
			switch orientation {
			case 3, 4, 6, 7: // upside down in the file
				fromY = p.Height - 1 - fromY
			}
			copy(q.row(y)[x*p.Channels:][:p.Channels], p.row(fromY)[fromX*p.Channels:])
		}
	}
	return q
}

// Centre is the middle of a picture, of at most so many pixels along each side.
func (p *Picture) Centre(height, width int) *Picture {
	height, width = min(height, p.Height), min(width, p.Width)
	return p.Crop((p.Height-height)/2, (p.Width-width)/2, height, width)
}

// Crop is the part of a picture of that size whose first pixel is at (top, left). It must lie within the picture.
func (p *Picture) Crop(top, left, height, width int) *Picture {
	q := newPicture(height, width, p.Channels)
	for y := range height {
		copy(q.row(y), p.row(top + y)[left*p.Channels:])
	}
	return q
}
