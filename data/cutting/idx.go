package cutting

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/idx"
	"github.com/rondo-ml/rondo/data/samples"
)

// IDXOptions say how MNIST-style files become shards.
type IDXOptions struct {
	Options

	// Classes is the number of classes; 0 means the highest training label and one more.
	Classes int

	// Names are the names of the classes by number; nil means the numbers themselves.
	Names []string

	// Transpose exchanges rows and columns of each image, as the files of EMNIST want it.
	Transpose bool
}

// IDX cuts files of images and the files of their labels. A path is a file of images, or a directory in which files of
// images are found by name: those with "train" in their names are for training, those with "t10k" or "test" are held
// out. The labels of a file of images lie beside it, under the name in which "images" is "labels" and "idx3" is "idx1".
func IDX(opts IDXOptions, paths []string) (Summary, error) {
	if err := opts.check(paths); err != nil {
		return Summary{}, err
	}
	train, held, err := findIDX(paths)
	if err != nil {
		return Summary{}, err
	}
	more, moreHeld, err := findIDX(opts.HeldOut)
	if err != nil {
		return Summary{}, err
	}
	if len(train) == 0 {
		return Summary{}, fmt.Errorf("%s: only held-out images (t10k or test in their names)", strings.Join(paths, ", "))
	}
	sources, err := openIDX(train, slices.Concat(held, more, moreHeld))
	if err != nil {
		return Summary{}, err
	}
	classes, err := opts.classes(sources)
	if err != nil {
		return Summary{}, err
	}
	return opts.cut(sources, classes)
}

// idxSource is a file of images with its labels.
type idxSource struct {
	images string // path
	held   bool
	shape  []int // of an image: height, width, channels
	labels []byte
	from   string // path of the labels
}

// findIDX finds the files of images that paths name.
func findIDX(paths []string) (train, held []string, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot read the images: %w", err)
		}
		if !info.IsDir() {
			train = append(train, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot read the images: %w", err)
		}
		found := len(train) + len(held)
		for _, e := range entries {
			name := e.Name()
			switch {
			case strings.HasPrefix(name, ".") || !strings.Contains(name, "images") || !strings.Contains(name, "idx"):
			case strings.Contains(name, "train"):
				train = append(train, filepath.Join(p, name))
			case strings.Contains(name, "t10k"), strings.Contains(name, "test"):
				held = append(held, filepath.Join(p, name))
			}
		}
		if len(train)+len(held) == found {
			return nil, nil, fmt.Errorf("%s holds no file such as train-images-idx3-ubyte or t10k-images-idx3-ubyte.gz; name the files of images", p)
		}
	}
	return train, held, nil
}

// openIDX reads the headers of the images and all labels, and holds them against each other.
func openIDX(train, held []string) ([]idxSource, error) {
	var sources []idxSource
	for i, path := range slices.Concat(train, held) {
		s := idxSource{images: path, held: i >= len(train)}
		x, f, err := openOne(path)
		if err != nil {
			return nil, err
		}
		f.Close()
		switch {
		case x.Type != idx.Uint8:
			return nil, fmt.Errorf("%s: elements of type %#02x, want images of bytes (0x08)", path, x.Type)
		case len(x.Shape) == 2:
			s.shape = []int{x.Shape[0], x.Shape[1], 1}
		case len(x.Shape) == 3:
			s.shape = x.Shape
		default:
			return nil, fmt.Errorf("%s: %d dimensions, want images: 3, or 4 with channels", path, len(x.Shape)+1)
		}
		if len(sources) > 0 && !slices.Equal(s.shape, sources[0].shape) {
			return nil, fmt.Errorf("%s: images of %v, and %s has images of %v", path, s.shape, sources[0].images, sources[0].shape)
		}
		if s.from, s.labels, err = readLabels(path, x.Count); err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// openOne opens an idx file; its errors name the file.
func openOne(path string) (*idx.Reader, *os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a file")
	}
	var x *idx.Reader
	if err == nil {
		x, err = idx.NewReader(f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, f, nil
}

// labelNames are the names that the labels of a file of images may have.
func labelNames(images string) []string {
	name := strings.NewReplacer("images", "labels", "idx3", "idx1", "idx4", "idx1").Replace(filepath.Base(images))
	path := filepath.Join(filepath.Dir(images), name)
	if plain, ok := strings.CutSuffix(path, ".gz"); ok {
		return []string{path, plain}
	}
	return []string{path, path + ".gz"}
}

// readLabels reads the labels of a file of so many images.
func readLabels(images string, count int) (path string, labels []byte, err error) {
	names := labelNames(images)
	for _, path := range names {
		if _, err := os.Stat(path); err != nil || path == images {
			continue
		}
		x, f, err := openOne(path)
		if err != nil {
			return path, nil, err
		}
		defer f.Close()
		if x.Type != idx.Uint8 || len(x.Shape) != 0 {
			return path, nil, fmt.Errorf("%s: not labels: want one dimension of bytes (magic number 00 00 08 01)", path)
		}
		if x.Count != count {
			return path, nil, fmt.Errorf("%s: %d labels for the %d images of %s", path, x.Count, count, images)
		}
		for label := make([]byte, 1); ; {
			switch err := x.Next(label); {
			case err == io.EOF:
				return path, labels, nil
			case err != nil:
				return path, nil, fmt.Errorf("%s: %w", path, err)
			}
			labels = append(labels, label[0])
		}
	}
	return "", nil, fmt.Errorf("%s: its labels are not there: looked for %s", images, strings.Join(names, " and "))
}

// mostClasses bounds the classes of a set.
const mostClasses = 1 << 20

// classes are the names of the classes by number, after a look at every label.
func (o IDXOptions) classes(sources []idxSource) ([]string, error) {
	if o.Classes < 0 || o.Classes > mostClasses {
		return nil, fmt.Errorf("%d classes: from 1 to %d are allowed, or 0 for the highest label and one more", o.Classes, mostClasses)
	}
	n := max(o.Classes, len(o.Names))
	if o.Classes > 0 && o.Names != nil && len(o.Names) != o.Classes {
		return nil, fmt.Errorf("%d names for %d classes", len(o.Names), o.Classes)
	}
	said := "are allowed"
	if n == 0 {
		said = "are in the training data"
		for _, s := range sources {
			if !s.held && len(s.labels) > 0 {
				n = max(n, int(slices.Max(s.labels))+1)
			}
		}
	}
	for _, s := range sources {
		for i, label := range s.labels {
			if int(label) >= n {
				return nil, fmt.Errorf("%s: label %d is %d, and classes 0 to %d %s", s.from, i, label, n-1, said)
			}
		}
	}
	if o.Names != nil {
		return o.Names, nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names, nil
}

// cut writes the sets.
func (o IDXOptions) cut(sources []idxSource, classes []string) (sum Summary, err error) {
	shape := slices.Clone(sources[0].shape)
	if o.Transpose {
		shape[0], shape[1] = shape[1], shape[0]
	}
	p := progress{report: o.Progress}
	var paths []string
	for _, s := range sources {
		p.total += len(s.labels)
		paths = append(paths, s.images, s.from)
	}
	inputs, err := inputsOf(paths)
	if err != nil {
		return Summary{}, err
	}
	c := cutting{schema: imageSchema(shape, classes), plan: plan{Kind: "idx", Options: o, Inputs: inputs},
		heldGiven: slices.ContainsFunc(sources, func(s idxSource) bool { return s.held })}
	sum.Classes = classes
	sum.Train, sum.Valid, err = o.writeEach(c, func(out *output, book *journal) error {
		for _, s := range sources {
			if err := o.copyImages(out, book, s, shape, &p); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}

// transpose exchanges rows and columns of an image of the shape [height, width, channels].
func transpose(dst, src []byte, shape []int) {
	height, width, channels := shape[0], shape[1], shape[2]
	for y := range height {
		for x := range width {
			copy(dst[(x*height+y)*channels:][:channels], src[(y*width+x)*channels:])
		}
	}
}

// imageSchema is that of pictures of one shape with a class each.
func imageSchema(shape []int, classes []string) samples.Schema {
	return samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: shape},
		classPart(classes),
	}}
}

// classPart is the part that holds a sample's class.
func classPart(names []string) samples.Part {
	return samples.Part{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: names}
}
