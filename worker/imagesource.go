package worker

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/data/samples"
)

// imageSource gives images of one size, and the class of each, by number. It may
// be read by any number of goroutines at once.
type imageSource interface {
	// Len is the number of images.
	Len() int
	// Hash identifies the data.
	Hash() string
	// At says which image stands at place i of an epoch of training.
	At(seed uint64, epoch, i int) int
	// Read brings an image to pixels, [height, width, channels], and returns its
	// class.
	Read(image int, pixels []float32) (class int, err error)
}

// generatedImages are images that are made as they are asked for. They are random
// as they stand, and so not shuffled.
type generatedImages struct{ *generated.Set }

func (s generatedImages) Len() int { return s.Count }

func (s generatedImages) At(_ uint64, _, i int) int { return i }

func (s generatedImages) Read(image int, pixels []float32) (int, error) {
	return s.Set.Read(image, pixels), nil
}

// storedImages are those of a set of samples. An epoch takes them in an order of
// its own. Bytes 0 to 255 become numbers from -1 to 1.
type storedImages struct {
	*samples.Set
	image, class int // places of the parts
	classes      int // of the model
	scale        [256]float32
}

// imageCache is about how much of a set stays in memory, in bytes: in an order of
// its own, an epoch reads each block as often as it has images.
const imageCache = 1 << 30

// openImages opens a set for the run file's model, which must fit it.
func openImages(f *runfile.File, dir string) (*storedImages, error) {
	set, err := samples.Open(dir)
	if err != nil {
		return nil, err
	}
	set.Cache(imageCache)
	m, schema := f.Model, set.Schema()
	s := &storedImages{Set: set, image: schema.Part("image"), class: schema.Part("class"), classes: f.Model.Classes}
	if s.image < 0 || s.class < 0 {
		return nil, fmt.Errorf("%s holds no images with a class: %s needs the parts image and class", dir, m.Kind)
	}
	image, class := schema.Parts[s.image], schema.Parts[s.class]
	shape := image.Shape
	switch {
	case image.Element != samples.Uint8 || len(shape) != 3:
		return nil, fmt.Errorf("%s holds images of %s%v, and %s takes bytes [height width channels]", dir, image.Element, shape, m.Kind)
	case slices.Contains(shape, samples.Varies):
		return nil, fmt.Errorf("%s was cut without --square and holds images of any size, and %s takes one size; "+
			"cut them anew with --square %d (model.image)", dir, m.Kind, m.Image)
	}
	switch {
	case shape[0] != m.Image || shape[1] != m.Image || shape[2] != m.Channels:
		return nil, fmt.Errorf("%s holds images of %dx%d with %d channels, and %s takes model.image = %d squared with model.channels = %d; "+
			"change the fields or cut the set anew", dir, shape[0], shape[1], shape[2], m.Kind, m.Image, m.Channels)
	case class.Element != samples.Int32 || len(class.Shape) != 0:
		return nil, fmt.Errorf("%s: the class of an image is one int32, found %s%v", dir, class.Element, class.Shape)
	case len(class.Classes) > m.Classes:
		return nil, fmt.Errorf("%s has %d classes, and model.classes is %d; raise it", dir, len(class.Classes), m.Classes)
	}
	for b := range s.scale {
		s.scale[b] = float32(b)/127.5 - 1
	}
	return s, nil
}

func (s *storedImages) At(seed uint64, epoch, i int) int {
	return order.New(seed, epoch, s.Len()).At(i)
}

func (s *storedImages) Read(image int, pixels []float32) (int, error) {
	sample, err := s.Set.At(image)
	if err != nil {
		return 0, err
	}
	bytes, class := sample[s.image].Data, sample[s.class].Data
	if len(bytes) != len(pixels) || len(class) != 4 {
		return 0, fmt.Errorf("image %d has %d bytes, want %d", image, len(bytes), len(pixels))
	}
	number := int(int32(binary.LittleEndian.Uint32(class)))
	if number < 0 || number >= s.classes {
		return 0, fmt.Errorf("image %d has class %d, and model.classes is %d", image, number, s.classes)
	}
	for i, b := range bytes {
		pixels[i] = s.scale[b]
	}
	return number, nil
}
