package cutting

import (
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

// NotPicture is the reason to leave a file out of a folder of pictures.
const NotPicture files.Reason = "not a picture"

// pictureName is how files are named that must be pictures: what is named so and is none, or one of a format that nobody
// here reads, is an error. A telephone's photographs would else be left out like notes.
var pictureName = regexp.MustCompile(`(?i)\.(jpe?g|jfif|png|gif|webp|bmp|tiff?|hei[cf]|avif|jxl|jp2)$`)

// NamedPicture says whether a file is named as a picture.
func NamedPicture(path string) bool { return pictureName.MatchString(filepath.Base(path)) }

// ImagesOptions say how folders of pictures become shards.
type ImagesOptions struct {
	Options
	PictureOptions
	FolderOptions
	MaskOptions
}

// Images cuts folders of pictures. Each folder within a path is a class; see [FolderOptions] for other rules. Pictures
// are told by content. A file that is none is left out, unless it is named as one: then it cannot be read.
//
// With masks there are no classes of pictures; see [MaskOptions].
func Images(opts ImagesOptions, paths []string) (Summary, error) {
	if err := opts.Options.check(paths); err != nil {
		return Summary{}, err
	}
	if err := opts.PictureOptions.check(); err != nil {
		return Summary{}, err
	}
	if opts.masked() {
		return opts.cutMasked(paths)
	}
	set, err := opts.folders(opts.Options, paths)
	if err != nil {
		return Summary{}, err
	}
	sources := func(yield func(source, error) bool) {
		for _, f := range set.files {
			load := func() ([]samples.Sample, error) {
				p, err := opts.open(f.Path)
				if err != nil {
					return nil, err
				}
				return opts.samples(p, nil, f.class, f.Key)
			}
			if !yield(source{path: f.Path, key: f.Key, held: f.held, class: f.class, load: load}, nil) {
				return
			}
		}
	}
	return set.cut(opts.Options, opts.schema(classPart(set.classes.names)), sources, plan{Kind: "images", Options: opts})
}

// open decodes the picture of a file.
func (o PictureOptions) open(path string) (*picture.Picture, error) {
	b, err := readPicture(path)
	if err != nil {
		return nil, err
	}
	return o.decode(b)
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
		if !NamedPicture(path) {
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
func (s folderSet) cut(opts Options, schema samples.Schema, sources iter.Seq2[source, error], p plan) (Summary, error) {
	for _, f := range s.files {
		p.Inputs = append(p.Inputs, f.File)
	}
	sum, err := opts.cut(cutting{schema, sources, len(s.files), s.heldGiven, true, p})
	sum.Classes, sum.LeftOut = s.classes.names, append(s.left, sum.LeftOut...)
	return sum, err
}
