package worker

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// generatedSamples is a generated set as samples, for those who ask for single ones. Images are numbers as the network
// reads them.
type generatedSamples struct {
	*generated.Set
	schema samples.Schema
}

// Open opens what source names for the predictor's model: a set of samples, or generated images.
func (p *Predictor) Open(source string) (samples.Source, error) {
	if !generated.Named(source) {
		return samples.OpenSource(source)
	}
	parts, _, err := partsOf(p.File)
	if err != nil {
		return nil, err
	}
	d, err := openGenerated(p.File, source, parts)
	if err != nil {
		return nil, err
	}
	s := &generatedSamples{Set: d.made}
	for _, part := range parts { // images and classes: see openGenerated
		have := samples.Part{Name: part.Name, Element: samples.Int32, Shape: []int{}}
		if _, is := part.Holds.(*nn.Images); is {
			have.Element, have.Shape = samples.Float32, []int{s.Height, s.Width, s.Channels}
		}
		s.schema.Parts = append(s.schema.Parts, have)
	}
	return s, nil
}

func (s *generatedSamples) Len() int               { return s.Count }
func (s *generatedSamples) Schema() samples.Schema { return s.schema }

func (s *generatedSamples) At(i int) (samples.Sample, error) {
	pixels := make([]float32, s.Height*s.Width*s.Channels)
	class := s.Read(i, pixels)
	sample := make(samples.Sample, len(s.schema.Parts))
	for k, p := range s.schema.Parts {
		if p.Element == samples.Float32 {
			sample[k] = samples.Float32s(pixels)
			sample[k].Shape = p.Shape
		} else {
			sample[k] = samples.Class(class)
		}
	}
	return sample, nil
}

// numbersOf fills images with numbers that are taken as they are.
func numbersOf(at int) filler {
	return func(holds any, to *rowOf, s samples.Sample) error {
		numbers := s[at].Float32s()
		copy(holds.(*nn.Images).Image(to.row), numbers)
		return finite(numbers)
	}
}

// OpenHeldOut opens the held-out set of a run for whoever draws its samples: a stored set, or generated images in shades.
func OpenHeldOut(f *runfile.File) (samples.Source, error) {
	source := f.Data.Valid
	switch {
	case source == "":
		return nil, errors.New("the run holds nothing out")
	case !generated.Named(source):
		return samples.OpenSource(source)
	}
	parts, _, err := partsOf(f)
	if err != nil {
		return nil, err
	}
	d, err := openGenerated(f, source, parts)
	if err != nil {
		return nil, err
	}
	return &shades{Set: d.made, channels: shown(d.made.Channels)}, nil
}

// shown is how many of the channels of a generated image are drawn: a color, or the first alone.
func shown(channels int) int {
	if channels == 3 {
		return 3
	}
	return 1
}

// shades is a generated set as pictures: of numbers from -1 to 1, black to white.
type shades struct {
	*generated.Set
	channels int
}

func (s *shades) Len() int { return s.Count }

func (s *shades) Schema() samples.Schema {
	return samples.Schema{Parts: []samples.Part{{Name: "image", Element: samples.Uint8, Shape: []int{s.Height, s.Width, s.channels}}, {Name: "class", Element: samples.Int32, Shape: []int{}}}}
}

func (s *shades) At(i int) (samples.Sample, error) {
	if i < 0 || i >= s.Count {
		return nil, fmt.Errorf("generated image %d of %d", i, s.Count)
	}
	pixels := make([]float32, s.Height*s.Width*s.Channels)
	class := s.Read(i, pixels)
	drawn := make([]byte, s.Height*s.Width*s.channels)
	for k := range drawn {
		v := pixels[k/s.channels*s.Channels+k%s.channels]
		drawn[k] = byte(max(0, min(255, 127.5*(v+1))))
	}
	return samples.Sample{{Shape: []int{s.Height, s.Width, s.channels}, Data: drawn}, samples.Class(class)}, nil
}
