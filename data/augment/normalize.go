package augment

import (
	"fmt"

	"github.com/rondo-ml/rondo/data/picture"
)

// Normalization makes numbers of bytes, by channel.
type Normalization struct {
	tables [][256]float32 // one for all channels, or one for each
	text   string
}

// Means and deviations of ImageNet's colors, with black 0 and white 1.
var (
	ImageNetMean      = []float64{0.485, 0.456, 0.406}
	ImageNetDeviation = []float64{0.229, 0.224, 0.225}
)

// Normalize is (byte/255 - mean) / deviation, rounded once to float32: torchvision's ToTensor and Normalize round three
// times and so differ in the last place or two. There is one mean and one deviation, or one for
// each channel; 0 and 1 give numbers from 0 to 1. A picture of one channel has all of several tables applied, and so
// becomes one of as many channels.
func Normalize(mean, deviation []float64) (*Normalization, error) {
	if len(mean) != len(deviation) || len(mean) != 1 && len(mean) != 3 {
		return nil, fmt.Errorf("normalize: %d means and %d deviations, want one of each, or three", len(mean), len(deviation))
	}
	n := &Normalization{tables: make([][256]float32, len(mean)), text: fmt.Sprintf("mean %v deviation %v", mean, deviation)}
	for c := range mean {
		if !(deviation[c] >= 1e-6 && deviation[c] <= 1e6 && mean[c] >= -1e6 && mean[c] <= 1e6) {
			return nil, fmt.Errorf("normalize: mean %v and deviation %v of channel %d: deviations are from 1e-6 to 1e6, with black 0 and white 1",
				mean[c], deviation[c], c)
		}
		for b := range n.tables[c] {
			n.tables[c][b] = float32((float64(b)/255 - mean[c]) / deviation[c])
		}
	}
	return n, nil
}

// Symmetric makes numbers from -1 to 1: byte/127.5 - 1 in float32.
func Symmetric() *Normalization {
	n := &Normalization{tables: make([][256]float32, 1), text: "symmetric"}
	for b := range n.tables[0] {
		n.tables[0][b] = float32(b)/127.5 - 1
	}
	return n
}

// String has all that the numbers depend on.
func (n *Normalization) String() string { return n.text }

// Channels is how many channels a picture has afterwards.
func (n *Normalization) Channels(before int) int { return max(before, len(n.tables)) }

// Span is what black and white of a channel become.
func (n *Normalization) Span(channel int) (black, white float32) {
	t := &n.tables[min(max(channel, 0), len(n.tables)-1)]
	return t[0], t[255]
}

// Apply fills dst, [height, width, channels], of a picture. It panics when they do not fit.
func (n *Normalization) Apply(dst []float32, p *picture.Picture) {
	c := n.Channels(p.Channels)
	if len(dst) != p.Height*p.Width*c || len(n.tables) > 1 && p.Channels != 1 && p.Channels != len(n.tables) {
		panic(fmt.Sprintf("augment: a picture of %dx%d with %d channels does not fit %d values and %d means",
			p.Height, p.Width, p.Channels, len(dst), len(n.tables)))
	}
	switch {
	case len(n.tables) == 1:
		table := &n.tables[0]
		for i, v := range p.Pixels {
			dst[i] = table[v]
		}
	case p.Channels == 1:
		for i, v := range p.Pixels {
			to := dst[3*i:][:3]
			to[0], to[1], to[2] = n.tables[0][v], n.tables[1][v], n.tables[2][v]
		}
	default:
		red, green, blue := &n.tables[0], &n.tables[1], &n.tables[2]
		for i := 0; i+2 < len(dst); i += 3 {
			from, to := p.Pixels[i:][:3], dst[i:][:3]
			to[0], to[1], to[2] = red[from[0]], green[from[1]], blue[from[2]]
		}
	}
}
