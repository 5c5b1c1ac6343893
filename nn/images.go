package nn

import "fmt"

// Images is the input of a network that tells classes of images apart: L*R
// images and the class of each.
type Images struct {
	Height, Width, Channels int

	Pixels []float32 // [L*R, Height, Width, Channels]
	Targets
}

// NewImages returns room for one batch of the shape.
func NewImages(s Shape, height, width, channels int) *Images {
	return &Images{
		Height: height, Width: width, Channels: channels,
		Pixels: make([]float32, s.Total()*height*width*channels), Targets: newTargets(s),
	}
}

// Image returns the pixels of one image, [Height, Width, Channels].
func (m *Images) Image(i int) []float32 {
	n := m.Height * m.Width * m.Channels
	return m.Pixels[i*n : (i+1)*n]
}

// Images returns the activation that is the batch's pixels. It is not copied,
// and has no gradient. The shape must have one time step.
func (t *Tape) Images(m *Images) *Node {
	n := t.Shape.Total()
	if t.Shape.Steps != 1 || len(m.Pixels) != n*m.Height*m.Width*m.Channels {
		panic(fmt.Sprintf("nn: %d pixel values are not %d images of %dx%dx%d (and %d time steps not 1)",
			len(m.Pixels), n, m.Height, m.Width, m.Channels, t.Shape.Steps))
	}
	return &Node{
		Rows: n * m.Height * m.Width, Cols: m.Channels, Height: m.Height, Width: m.Width,
		value: &Buffer{Data: m.Pixels}, tape: t, producer: given,
	}
}
