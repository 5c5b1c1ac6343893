package inside

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// NewLens records the network of a predictor to look at layers.
func NewLens(p *worker.Predictor, rows int, passing nn.Passing, names ...string) (*look.Lens, error) {
	return look.New(p.Network(), p.Pool(), shapeOf(p, rows), passing, names...)
}

func shapeOf(p *worker.Predictor, rows int) nn.Shape {
	return nn.Shape{Steps: p.File.RowLength(), Lanes: 1, Rows: rows}
}

// LayersOf are the layers of a predictor's network.
func LayersOf(p *worker.Predictor) []look.Layer { return look.Layers(p.Network(), shapeOf(p, 1)) }

// Images is the pictures that a lens reads.
func Images(l *look.Lens) (*nn.Images, error) {
	for _, p := range l.Batch.Parts() {
		if m, ok := p.Holds.(*nn.Images); ok {
			return m, nil
		}
	}
	return nil, errors.New("the network reads no pictures")
}

// Shown is a picture as the network reads it, in the shades that it has.
func Shown(p *worker.Predictor, pixels []float32, height, width, channels int) (image.Image, error) {
	own := slices.Clone(pixels)
	for k := range channels {
		black, white, err := p.PixelSpan(k)
		if err != nil {
			return nil, err
		}
		for i := k; i < len(own); i += channels {
			own[i] = (own[i] - black) / (white - black)
		}
	}
	return draw.Gray(own, height, width, channels, 0, 1), nil
}

// AroundZero draws values so that zero is grey.
func AroundZero(m look.Maps) image.Image {
	most := Strongest(m.Values)
	return draw.Gray(m.Values, m.Height, m.Width, m.Channels, -most, most)
}

// Strongest is the largest magnitude.
func Strongest(values []float32) float32 {
	low, high := draw.Span(values)
	return max(high, -low)
}

// Cut is a part of a picture, grey where that reaches beyond it.
func Cut(m image.Image, r nn.Rect) image.Image {
	to := image.NewNRGBA(image.Rect(0, 0, r.Width(), r.Height()))
	for y := range r.Height() {
		for x := range r.Width() {
			if at := image.Pt(r.Left+x, r.Top+y); at.In(m.Bounds()) {
				to.Set(x, y, m.At(at.X, at.Y))
			} else {
				to.Set(x, y, draw.Faint)
			}
		}
	}
	return to
}

// Convolutions are the weights that are filters of pictures, [out, in, height, width].
func Convolutions(ps *nn.Params) (list []*nn.Param) {
	for _, w := range ps.List {
		if len(w.Shape) == 4 {
			list = append(list, w)
		}
	}
	return list
}

// Convolution is the filters of a layer; of the first one for an empty name.
func Convolution(ps *nn.Params, layer string) (*nn.Param, error) {
	all := Convolutions(ps)
	if len(all) == 0 {
		return nil, errors.New("the network has no convolution of pictures")
	}
	var names []string
	for _, w := range all {
		name := ConvolutionName(w)
		if name == layer || layer == "" {
			return w, nil
		}
		names = append(names, name)
	}
	return nil, fmt.Errorf("%s: the convolutions are %s", layer, strings.Join(names, ", "))
}

// ConvolutionName is the layer that has these filters.
func ConvolutionName(w *nn.Param) string { return strings.TrimSuffix(w.Name, ".weight") }

// Filters draws filters, a tile for each, or Planes tiles of a filter where it has other channels than pictures have.
// At most so many tiles are drawn. Together, all are scaled by the strongest.
func Filters(w *nn.Param, together bool, most int) (tiles []image.Image, planes int) {
	out, in, height, width := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	values := w.Value().Data
	planes = in
	if in == 1 || in == 3 {
		planes = 1
	}
	all, pixels := Strongest(values), height*width
	for filter := range out {
		own := values[filter*in*pixels : (filter+1)*in*pixels]
		for plane := range planes {
			if len(tiles) == most {
				return tiles, planes
			}
			channels := in / planes
			m := make([]float32, pixels*channels) // channels last
			for k := range channels {
				for p := range pixels {
					m[p*channels+k] = own[(plane*channels+k)*pixels+p]
				}
			}
			scale := all
			if !together {
				scale = Strongest(own)
			}
			tiles = append(tiles, draw.Gray(m, height, width, channels, -scale, scale))
		}
	}
	return tiles, planes
}
