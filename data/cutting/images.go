package cutting

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
)

// PictureOptions say how pictures become pixels.
type PictureOptions struct {
	// ShortSide scales every picture so that its short side has so many pixels; 0 leaves pictures as they are.
	ShortSide int

	// Square makes every picture Square×Square pixels: scaled by its short side, then cut to its middle. 0 does not.
	Square int

	Filter    picture.Filter // "" means [picture.Bilinear]
	Grey      bool           // one channel instead of three
	MaxPixels int64          // larger pictures cannot be read; 0 means [picture.DefaultMaxPixels]
}

// NotPicture is the reason to leave a file out of a folder of pictures.
const NotPicture files.Reason = "not a picture"

// pictureName is how files are named that must be pictures: what is named so and is none is an error.
var pictureName = regexp.MustCompile(`(?i)\.(jpe?g|jfif|png|gif|webp)$`)

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
	case o.MaxPixels < 0:
		return fmt.Errorf("at most %d pixels: the limit must be positive, or 0 for %d", o.MaxPixels, picture.DefaultMaxPixels)
	}
	return o.Filter.Check()
}

// schema is that of the pictures, of these classes.
func (o PictureOptions) schema(classes []string) samples.Schema {
	shape := []int{samples.Varies, samples.Varies, 3}
	if o.Square > 0 {
		shape[0], shape[1] = o.Square, o.Square
	}
	if o.Grey {
		shape[2] = 1
	}
	s := imageSchema(shape, classes)
	s.Parts = append(s.Parts, samples.Part{Name: "name", Element: samples.UTF8, Shape: []int{samples.Varies}})
	return s
}

// sample decodes a picture.
func (o PictureOptions) sample(b []byte, class int, name string) (samples.Sample, error) {
	p, err := picture.Decode(b, o.MaxPixels)
	if err != nil {
		return nil, err
	}
	if o.Grey {
		p = p.Grey()
	} else {
		p = p.RGB()
	}
	switch {
	case o.ShortSide > 0:
		p = p.ShortSide(o.ShortSide, o.Filter)
	case o.Square > 0:
		p = p.ShortSide(o.Square, o.Filter).Centre(o.Square, o.Square)
	}
	return samples.Sample{{Shape: []int{p.Height, p.Width, p.Channels}, Data: p.Pixels}, samples.Class(class), samples.Text(name)}, nil
}

// ImagesOptions say how folders of pictures become shards.
type ImagesOptions struct {
	Options
	PictureOptions
	FolderOptions
}

// Images cuts folders of pictures. Each folder within a path is a class; see [FolderOptions] for other rules. Pictures
// are told by content. A file that is none is left out, unless it is named as one: then it cannot be read.
func Images(opts ImagesOptions, paths []string) (Summary, error) {
	if err := opts.Options.check(paths); err != nil {
		return Summary{}, err
	}
	if err := opts.PictureOptions.check(); err != nil {
		return Summary{}, err
	}
	set, err := opts.folders(opts.Options, paths)
	if err != nil {
		return Summary{}, err
	}
	sources := func(yield func(source, error) bool) {
		for _, f := range set.files {
			load := func() (samples.Sample, error) {
				b, err := readPicture(f.Path)
				if err != nil {
					return nil, err
				}
				return opts.sample(b, f.class, f.Key)
			}
			if !yield(source{f.Path, f.Key, f.held, f.class, load}, nil) {
				return
			}
		}
	}
	return set.cut(opts.Options, opts.schema(set.classes.names), sources)
}

// readPicture reads a file, if it begins as a picture does.
func readPicture(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if err := picture.Known(head[:n]); err != nil {
		if !pictureName.MatchString(filepath.Base(path)) {
			return nil, notOurs{NotPicture}
		}
		return nil, err
	}
	rest, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err == nil && len(rest) == maxFile {
		err = fmt.Errorf("larger than %d bytes", maxFile)
	}
	return append(head[:n:n], rest...), err
}

// maxFile bounds what is read of one file: 1 GiB.
const maxFile = 1 << 30

// cut cuts the files of folders, and tells what the walk left out.
func (s folderSet) cut(opts Options, schema samples.Schema, sources iter.Seq2[source, error]) (Summary, error) {
	sum, err := opts.cut(cutting{schema, sources, len(s.files), s.heldGiven, true})
	sum.Classes, sum.LeftOut = s.classes.names, append(s.left, sum.LeftOut...)
	return sum, err
}
