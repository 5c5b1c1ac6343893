package cutting

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/wav"
)

// OneSound decodes a WAV file as a sample of a part of sounds: mono, at the part's rate, in its elements.
func OneSound(b []byte, part samples.Part) (samples.Value, error) {
	form := soundForm{rate: part.Rate, element: part.Element}
	sound, err := wav.Decode(b)
	if err != nil {
		return samples.Value{}, err
	}
	mono := sound.Mono()
	if part.Rate > 0 && sound.Rate != part.Rate {
		r, err := wav.NewResampler(sound.Rate, part.Rate)
		if err != nil {
			return samples.Value{}, err
		}
		if n := r.Length(len(mono)); n > maxFile/4 {
			return samples.Value{}, fmt.Errorf("%d samples at %d Hz, more than %d", n, part.Rate, maxFile/4)
		}
		mono = r.Resample(mono)
	}
	return samples.Value{Shape: []int{len(mono)}, Data: form.encode(mono)}, nil
}

// OnePicture decodes a picture as a sample of a part of images: in the part's channels, and where all images have one
// size scaled to cover it and cut to the middle, which is what --square does.
func OnePicture(b []byte, part samples.Part, maxPixels int64) (*picture.Picture, error) {
	p, err := DecodePicture(b, part, maxPixels)
	if err != nil || part.Shape[0] == samples.Varies || part.Shape[1] == samples.Varies {
		return p, err
	}
	height, width := part.Shape[0], part.Shape[1]
	if p.Height == height && p.Width == width {
		return p, nil
	}
	if err := (PictureOptions{Square: max(height, width), MaxPixels: maxPixels}).checkScaled(p); err != nil {
		return nil, err
	}
	if p.Height*width > p.Width*height { // higher than what it is to cover
		p = p.Resize(max(height, p.Height*width/p.Width), width, picture.Bilinear)
	} else {
		p = p.Resize(height, max(width, p.Width*height/p.Height), picture.Bilinear)
	}
	return p.Centre(height, width), nil
}

// CentredPicture decodes a picture as a sample of a part of images: its short side of so many pixels by a filter, and the
// middle square of it. Halves of a pixel at the left and the top go to the even number, as torchvision's CenterCrop has it.
func CentredPicture(b []byte, part samples.Part, shortSide, square int, filter picture.Filter, maxPixels int64) (*picture.Picture, error) {
	o := PictureOptions{ShortSide: shortSide, Filter: filter, MaxPixels: maxPixels, Chroma: part.Chroma}
	if err := o.check(); err != nil {
		return nil, err
	}
	if shortSide < square || square < 1 {
		return nil, fmt.Errorf("a square of %d pixels from a short side of %d", square, shortSide)
	}
	if err := wantImages(part); err != nil {
		return nil, err
	}
	o.Grey = part.Shape[2] == 1
	p, err := o.decode(b)
	if err != nil {
		return nil, err
	}
	if err := o.checkScaled(p); err != nil {
		return nil, err
	}
	p = o.scale(p, o.Filter)
	middle := func(side int) int { return int(math.RoundToEven(float64(side-square) / 2)) }
	return p.Crop(middle(p.Height), middle(p.Width), square, square), nil
}

// DecodePicture decodes a picture in the channels of a part of images.
func DecodePicture(b []byte, part samples.Part, maxPixels int64) (*picture.Picture, error) {
	if err := wantImages(part); err != nil {
		return nil, err
	}
	return PictureOptions{Grey: part.Shape[2] == 1, MaxPixels: maxPixels, Chroma: part.Chroma}.decode(b)
}

func wantImages(part samples.Part) error {
	if len(part.Shape) != 3 || part.Element != samples.Uint8 {
		return fmt.Errorf("%s are no pictures: %s%v", part.Name, part.Element, part.Shape)
	}
	return nil
}

// Corners are the first rows, or columns, of the tiles along a side, which are size apart; the last one ends at the edge.
func Corners(side, size int) []int { return PictureOptions{Tile: size}.corners(side) }
