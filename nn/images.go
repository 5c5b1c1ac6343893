package nn

import "fmt"

// Images is a part of a batch: T*L*R images of one size.
type Images struct {
	Height, Width, Channels int

	Pixels []float32 // [T*L*R, Height, Width, Channels]
}

// NewImages returns room for one batch of the shape.
func NewImages(s Shape, height, width, channels int) *Images {
	return &Images{
		Height: height, Width: width, Channels: channels,
		Pixels: make([]float32, s.Total()*height*width*channels),
	}
}

// Image returns the pixels of one image, [Height, Width, Channels].
func (m *Images) Image(i int) []float32 {
	n := m.Height * m.Width * m.Channels
	return m.Pixels[i*n : (i+1)*n]
}

// Images returns the activation that is the batch's pixels. It is not copied,
// and has no gradient, but on a tape that looks inside ([Tape.LookInside]). It panics when m is not made for the tape's shape.
func (t *Tape) Images(m *Images) *Node {
	l := t.Shape.Layout().WithImage(m.Height, m.Width)
	if m.Height < 1 || m.Width < 1 || m.Channels < 1 || len(m.Pixels) != l.Total()*m.Channels {
		panic(fmt.Sprintf("nn: %d pixel values are not %d images of %dx%dx%d",
			len(m.Pixels), t.Shape.Total(), m.Height, m.Width, m.Channels))
	}
	return t.given(l, m.Channels, m.Pixels)
}
