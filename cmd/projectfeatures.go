package cmd

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// spriteSide is the side of the picture that has all samples' pictures, in pixels.
const spriteSide = 4096

// mostFeatures is how many numbers the features of a set may have: 1 GiB of them.
const mostFeatures = 1 << 28

// checkFeatures says whether so many features of so many samples are no more than are kept.
func checkFeatures(source string, n, wide int) error {
	switch {
	case n < 1:
		return fmt.Errorf("%s has no samples", source)
	case wide > mostFeatures/n:
		return fmt.Errorf("%d features of each of %d samples of %s are more than %d numbers; take fewer samples by --most", wide, n, source, mostFeatures)
	}
	return nil
}

// featurePoints are what the model makes of the samples of a set.
func (o *projectFlags) featurePoints(ctx context.Context, dir string, m *checkpoint.Manifest, progress func(done, all int)) (*projector.Set, error) {
	p, err := worker.NewPredictor(dir, m, o.threads)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	source, err := p.Open(o.features)
	if err != nil {
		return nil, fmt.Errorf("--features: %w", err)
	}
	set := &projector.Set{Name: "features of " + o.features}
	label := newSampleLabels(p, source)
	set.Columns, set.Values = label.columns, make([][]string, len(label.columns))
	var data []float32
	first := &firstSamples{source, min(o.most, source.Len())}
	if err := checkFeatures(o.features, first.n, 0); err != nil {
		return nil, err
	}
	pictures := newSpritePictures(source, first.n)
	err = p.Features(first, func(i int, features []float32, out worker.Output) error {
		if err := checkFeatures(o.features, first.n, len(features)); err != nil {
			return err
		}
		data = append(data, features...)
		set.Points.Cols = len(features)
		s, err := source.At(i)
		if err != nil {
			return err
		}
		values, err := label.of(i, s, out)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for c, v := range values {
			set.Values[c] = append(set.Values[c], v)
		}
		if pictures != nil {
			pictures.add(s)
		}
		progress(i+1, first.n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	set.Points = tensor.Of(data, first.n, set.Points.Cols)
	if pictures != nil {
		set.Sprite = pictures.Sprite()
	}
	return set, nil
}

// firstSamples are the first of a set.
type firstSamples struct {
	samples.Source
	n int
}

func (s *firstSamples) Len() int { return s.n }

// spritePictures draws those of the samples.
type spritePictures struct {
	*projector.SpriteMaker
	part                    int
	height, width, channels int
}

// newSpritePictures are those of n samples of a set; nil where its samples are none of one size.
func newSpritePictures(source samples.Source, n int) *spritePictures {
	for i, part := range source.Schema().Parts {
		if part.Element == samples.Uint8 && len(part.Shape) == 3 && part.Shape[0] > 0 && part.Shape[1] > 0 && (part.Shape[2] == 1 || part.Shape[2] == 3) {
			return &spritePictures{projector.NewSpriteMaker(n, part.Shape[1], part.Shape[0], spriteSide), i, part.Shape[0], part.Shape[1], part.Shape[2]}
		}
	}
	return nil
}

func (p *spritePictures) add(s samples.Sample) {
	if b := s[p.part].Data; len(b) == p.height*p.width*p.channels { // the set is checked elsewhere
		p.Add(b, p.width, p.height, p.channels)
	}
}

// sampleLabels says of each sample what it is, and what the model takes it for.
type sampleLabels struct {
	columns []string
	source  samples.Source
	parts   []int    // whose values are shown
	classes bool     // the model tells classes apart
	names   []string // of them
}

func newSampleLabels(p *worker.Predictor, source samples.Source) *sampleLabels {
	l := &sampleLabels{source: source}
	schema := source.Schema()
	for i, part := range schema.Parts {
		if len(part.Shape) == 0 && part.Element == samples.Int32 {
			l.columns, l.parts = append(l.columns, part.Name), append(l.parts, i)
		}
	}
	if p.File.Task.Kind == task.Class {
		l.classes = true
		l.columns = append(l.columns, "taken for")
		if at := schema.Part(task.Class); at >= 0 {
			l.names = schema.Parts[at].Classes
		}
	}
	l.columns = append(l.columns, "number")
	return l
}

func (l *sampleLabels) of(i int, s samples.Sample, out worker.Output) (values []string, err error) {
	for _, part := range l.parts {
		n := s[part].Int32s()
		if len(n) != 1 {
			return nil, fmt.Errorf("sample %d: %s has %d numbers, want 1", i, l.columns[len(values)], len(n))
		}
		values = append(values, classLabel(int(n[0]), l.source.Schema().Parts[part].Classes))
	}
	if l.classes {
		best := out.Best(1)
		values = append(values, classLabel(best[len(best)-1][0].Class, l.names))
	}
	return append(values, strconv.Itoa(i)), nil
}

func classLabel(class int, names []string) string {
	if class >= 0 && class < len(names) {
		return names[class]
	}
	return strconv.Itoa(class)
}
