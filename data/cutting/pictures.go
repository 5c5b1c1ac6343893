package cutting

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
)

// PictureOptions say how pictures become pixels.
type PictureOptions struct {
	// ShortSide scales every picture so that its short side has so many pixels; 0 leaves pictures as they are.
	ShortSide int

	// Square makes every picture Square×Square pixels: scaled by its short side, then cut to its middle. 0 does not.
	Square int

	// Tile cuts every picture into tiles of Tile×Tile pixels, a sample each, after it was scaled. The corners of tiles are
	// Stride pixels apart, 0 meaning Tile; where the last tile would leave pixels over, one more ends at the picture's
	// edge. All tiles of a picture are held out, or none. 0 does not cut.
	Tile, Stride int

	Filter    picture.Filter // "" means [picture.Bilinear]
	Chroma    string         // of a JPEG, where it is subsampled: [Repeat], as "" means, or [Interpolate]
	Grey      bool           // one channel instead of three
	MaxPixels int64          // larger pictures cannot be read; 0 means [picture.DefaultMaxPixels]
}

// What becomes of subsampled colour.
const (
	Repeat      = "repeat"
	Interpolate = samples.Interpolate // by a triangle, as libjpeg: see [picture.DecodeSmooth]
)

func (o *PictureOptions) check() error {
	if o.Filter == "" {
		o.Filter = picture.Bilinear
	}
	const largest = 1 << 14
	switch {
	case o.ShortSide < 0 || o.ShortSide > largest || o.Square < 0 || o.Square > largest:
		return fmt.Errorf("sides of %d pixels: from 1 to %d are allowed", max(o.ShortSide, o.Square, min(o.ShortSide, o.Square)), largest)
	case o.ShortSide > 0 && o.Square > 0:
		return errors.New("--short-side and --square: one of the two")
	case o.Tile < 0 || o.Tile > largest || o.Stride < 0 || o.Stride > largest:
		return fmt.Errorf("tiles of %d pixels, %d apart: from 1 to %d are allowed", o.Tile, o.Stride, largest)
	case o.Stride > 0 && o.Tile == 0:
		return errors.New("--stride without --tile")
	case o.Square > 0 && o.Tile > o.Square:
		return fmt.Errorf("tiles of %d pixels from squares of %d", o.Tile, o.Square)
	case o.MaxPixels < 0:
		return fmt.Errorf("at most %d pixels: the limit must be positive, or 0 for %d", o.MaxPixels, picture.DefaultMaxPixels)
	}
	if o.Chroma != "" && o.Chroma != Repeat && o.Chroma != Interpolate {
		return fmt.Errorf("--chroma %q: %s or %s", o.Chroma, Repeat, Interpolate)
	}
	return o.Filter.Check()
}

// schema is that of the pictures, with what is said of each: its class, or the classes of its pixels.
func (o PictureOptions) schema(said samples.Part) samples.Schema {
	side := samples.Varies
	switch {
	case o.Tile > 0:
		side = o.Tile
	case o.Square > 0:
		side = o.Square
	}
	channels := 3
	if o.Grey {
		channels = 1
	}
	if said.Name == "mask" {
		said.Shape = []int{side, side}
	}
	image := samples.Part{Name: "image", Element: samples.Uint8, Shape: []int{side, side, channels}}
	if o.Chroma == Interpolate {
		image.Chroma = samples.Interpolate
	}
	return samples.Schema{Parts: []samples.Part{
		image,
		said,
		{Name: "name", Element: samples.UTF8, Shape: []int{samples.Varies}},
	}}
}

// decode decodes a picture to the channels that are wanted.
func (o PictureOptions) decode(b []byte) (*picture.Picture, error) {
	decode := picture.Decode
	if o.Chroma == Interpolate {
		decode = picture.DecodeSmooth
	}
	p, err := decode(b, o.MaxPixels)
	switch {
	case err != nil:
		return nil, err
	case o.Grey:
		return p.Grey(), nil
	}
	return p.RGB(), nil
}

// checkScaled refuses pictures so long that scaling them by their short side would take memory without measure: a line of
// 1×60000 pixels becomes 224×13440000.
func (o PictureOptions) checkScaled(p *picture.Picture) error {
	short := int64(max(o.ShortSide, o.Square))
	most := max(o.MaxPixels, picture.DefaultMaxPixels, 8*short*short)
	if long := int64(max(p.Height, p.Width)) * short / int64(min(p.Height, p.Width)); long*short > most {
		return fmt.Errorf("%d×%d pixels: with %d along the short side, the long one has %d; at most %d pixels are made",
			p.Width, p.Height, short, long, most)
	}
	return nil
}

// scale gives a picture, or its mask by another filter, the size that is wanted.
func (o PictureOptions) scale(p *picture.Picture, filter picture.Filter) *picture.Picture {
	switch {
	case o.ShortSide > 0:
		return p.ShortSide(o.ShortSide, filter)
	case o.Square > 0:
		return p.ShortSide(o.Square, filter).Centre(o.Square, o.Square)
	}
	return p
}

// corners are the first rows, or columns, of tiles along a side.
func (o PictureOptions) corners(side int) (list []int) {
	stride := o.Stride
	if stride == 0 {
		stride = o.Tile
	}
	at := 0
	for ; at+o.Tile <= side; at += stride {
		list = append(list, at)
	}
	if last := side - o.Tile; list[len(list)-1] != last {
		list = append(list, last)
	}
	return list
}

// samples cuts a picture, and the mask over it if there is one, into tiles, or gives both whole. Without a mask every
// sample is of the class.
func (o PictureOptions) samples(p, mask *picture.Picture, class int, name string) ([]samples.Sample, error) {
	if err := o.checkScaled(p); err != nil {
		return nil, err
	}
	if q := o.scale(p, o.Filter); q != p {
		p.Free()
		p = q
	}
	if mask != nil {
		mask = o.scale(mask, picture.Nearest)
	}
	if o.Tile == 0 {
		return []samples.Sample{pictureSample(p, mask, class, name)}, nil
	}
	if p.Height < o.Tile || p.Width < o.Tile {
		return nil, fmt.Errorf("%d×%d pixels, smaller than a tile of %d", p.Width, p.Height, o.Tile)
	}
	tops, lefts := o.corners(p.Height), o.corners(p.Width)
	if n := int64(len(tops)) * int64(len(lefts)); n*int64(o.Tile*o.Tile*p.Channels) > maxFile {
		return nil, fmt.Errorf("%d×%d pixels make %d tiles of %d, more than %d bytes; set them further apart by --stride", p.Width, p.Height, n, o.Tile, maxFile)
	}
	var list []samples.Sample
	for _, top := range tops {
		for _, left := range lefts {
			tile, over := p.Crop(top, left, o.Tile, o.Tile), mask
			if over != nil {
				over = mask.Crop(top, left, o.Tile, o.Tile)
			}
			list = append(list, pictureSample(tile, over, class, fmt.Sprintf("%s@%d,%d", name, left, top)))
		}
	}
	return list, nil
}

func pictureSample(p, mask *picture.Picture, class int, name string) samples.Sample {
	said := samples.Class(class)
	if mask != nil {
		said = samples.Value{Shape: []int{mask.Height, mask.Width}, Data: mask.Pixels}
	}
	return samples.Sample{{Shape: []int{p.Height, p.Width, p.Channels}, Data: p.Pixels}, said, samples.Text(name)}
}
