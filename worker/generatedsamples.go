package worker

import (
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
	parts, err := partsOf(p.File)
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
		copy(holds.(*nn.Images).Image(to.row), s[at].Float32s())
		return nil
	}
}
