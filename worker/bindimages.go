package worker

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// bindImages takes bytes [height, width, channels], changes them as data.augment says, and makes numbers of them as
// data.mean and data.deviation say: by default from -1 to 1. A mask, if the network is to meet one, goes the same way.
func (d *Dataset) bindImages(p *nn.Images, at int, parts []nn.Part, schema samples.Schema) (filler, error) {
	have := schema.Parts[at]
	if d.asRead && have.Element == samples.Float32 && slices.Equal(have.Shape, []int{p.Height, p.Width, p.Channels}) {
		return numbersOf(at), nil
	}
	if have.Element != samples.Uint8 || len(have.Shape) != 3 {
		return nil, fmt.Errorf("has %s as %s, and the network reads images of bytes [height width channels]", have.Name, typeOf(have))
	}
	if err := d.fits(p, have); err != nil {
		return nil, err
	}
	d.changed = true
	mask, ignored := d.maskBeside(parts, schema)
	return func(holds any, to *rowOf, s samples.Sample) error {
		v, images := s[at], holds.(*nn.Images)
		from := picture.Picture{Height: v.Shape[0], Width: v.Shape[1], Channels: v.Shape[2], Pixels: v.Data}
		changes, pixels := d.changesFor(to.training), images.Image(to.row)
		if mask < 0 || d.changes == nil {
			return changes.Image(to.key, pixels, images.Height, images.Width, &from, d.numbers)
		}
		m := s[mask]
		labels := picture.Picture{Height: m.Shape[0], Width: m.Shape[1], Channels: 1, Pixels: m.Data}
		to.mask = make([]byte, images.Height*images.Width)
		return changes.Pair(to.key, pixels, to.mask, images.Height, images.Width, &from, &labels, ignored, d.numbers)
	}, nil
}

// fits returns an error when pictures, once they are changed, are not of the size that the network reads.
func (d *Dataset) fits(p *nn.Images, have samples.Part) error {
	if k := d.changesFor(true).Kind(); k == augment.Sounds {
		return fmt.Errorf("holds images, and data.augment is for %s", k)
	}
	shape := have.Shape
	side := func(n int) int { return max(n, 0) } // 0 where it differs
	for _, training := range []bool{true, false} {
		height, width := d.changesFor(training).Size(side(shape[0]), side(shape[1]))
		switch {
		case height == 0 || width == 0:
			if p.Height != p.Width {
				return fmt.Errorf("holds images of any size, and the network reads %dx%d; give data.augment one that makes it, "+
					"as random-resized-crop %[1]dx%[2]d or center-crop %[1]dx%[2]d", p.Height, p.Width)
			}
			return fmt.Errorf("holds images of any size, and the network reads %dx%d; cut them anew with --square %d, or give "+
				"data.augment one that makes a size, as random-resized-crop %d", p.Height, p.Width, p.Height, p.Height)
		case height != p.Height || width != p.Width || d.numbers.Channels(shape[2]) != p.Channels:
			holds := "holds"
			if height != shape[0] || width != shape[1] {
				holds = "gives, by data.augment,"
			}
			return fmt.Errorf("%s images of %dx%d with %d channels, and the network reads %dx%d with %d; "+
				"change the model's fields (model.image, model.channels) or data.augment, or cut the set anew",
				holds, height, width, shape[2], p.Height, p.Width, p.Channels)
		}
	}
	return nil
}

// maskBeside is the place of the part that is the mask of images, or -1, and a value that stands for no class.
func (d *Dataset) maskBeside(parts []nn.Part, schema samples.Schema) (at int, ignored byte) {
	for _, part := range parts {
		p, ok := part.Holds.(*nn.Targets)
		if !ok || !p.Layout.IsImage() {
			continue
		}
		if len(p.Ignored) > 0 {
			ignored = byte(p.Ignored[0])
		}
		return schema.Part(part.Name), ignored
	}
	return -1, 0
}

// changesFor is what is done to samples: while training, or without chance.
func (d *Dataset) changesFor(training bool) *augment.Pipeline {
	switch {
	case d.changes == nil:
		return nothing
	case training:
		return d.changes
	}
	return d.plain
}

// nothing changes nothing.
var nothing = must(augment.Parse(""))

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
