package cutting

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strconv"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
)

// TarOptions say how WebDataset tars become shards.
type TarOptions struct {
	Options
	PictureOptions

	// MaskField is the field of the mask that gives the pixels of a sample's picture classes, such as seg.png; then samples
	// need no class of their own. "" means no masks. MaskValues must list the values of the classes.
	MaskField  string
	MaskValues MaskOptions // without directories
}

// Tar cuts tars in the form of WebDataset, packed by gzip or not. The name of a member is cut at the first dot of its
// last part: members that are alike before it are one sample, what follows it is the field. The picture of a sample is
// its field jpg, jpeg, png, gif or webp, or its only field that ends so; its class is the field cls, or its only one that
// ends so. Members of a sample follow one another. Other fields are not used. Directories and hidden members are left
// out.
//
// If every class is a number, it is the number of the class; otherwise classes are numbered by their names.
func Tar(opts TarOptions, paths []string) (Summary, error) {
	if err := opts.Options.check(paths); err != nil {
		return Summary{}, err
	}
	if err := opts.PictureOptions.check(); err != nil {
		return Summary{}, err
	}
	found, left, err := opts.find(files.Options{Include: []string{"*.tar", "*.tar.gz", "*.tgz"}}, paths)
	if err != nil {
		return Summary{}, err
	}
	if len(found) == 0 {
		return Summary{}, fmt.Errorf("no tar in %s", list(paths))
	}
	set := tarSet{opts: opts, files: found, training: len(paths)}
	if err := set.scan(); err != nil {
		return Summary{}, err
	}
	said, err := set.said()
	if err != nil {
		return Summary{}, err
	}
	sum, err := opts.cut(cutting{opts.schema(said), set.sources, set.count, len(opts.HeldOut) > 0, false, plan{Kind: "tar", Options: opts, Inputs: found}})
	sum.Classes, sum.LeftOut = said.Classes, append(left, append(set.left, sum.LeftOut...)...)
	return sum, err
}

// tarSet is tars that were looked through once.
type tarSet struct {
	opts     TarOptions
	files    []files.File
	training int // of the paths, the first so many are training data
	classes  classes
	left     []files.LeftOut
	count    int // of samples
	names    [2]map[string]bool
	masks    maskTable
	first    error // why the first sample has no class
}

func (s *tarSet) held(f files.File) bool { return f.From >= s.training }

// scan goes through all tars for the classes.
func (s *tarSet) scan() error {
	s.names = [2]map[string]bool{{}, {}}
	for _, f := range s.files {
		groups, err := openTar(f.Path)
		if err != nil {
			return err
		}
		for {
			g, err := groups.next(false)
			if err == io.EOF {
				break
			}
			if err != nil {
				groups.close()
				return err
			}
			s.count++
			if class, err := g.class(); err == nil {
				s.names[btoi(s.held(f))][class] = true
			} else if s.first == nil {
				s.first = fmt.Errorf("%s:%s: %w", f.Path, g.key, err)
			}
		}
		s.left = append(s.left, groups.left...)
		groups.close()
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// said is the part that says what samples are: their class, or those of their pixels.
func (s *tarSet) said() (samples.Part, error) {
	if s.opts.MaskField == "" {
		if len(s.names[0]) == 0 && s.first != nil {
			return samples.Part{}, fmt.Errorf("no sample has a class; the first: %w", s.first)
		}
		err := s.number()
		return classPart(s.classes.names), err
	}
	o := s.opts.MaskValues
	if o.Values == nil {
		return samples.Part{}, errors.New("masks in tars: which values have the classes? give --mask-values")
	}
	if err := o.checkValues(); err != nil {
		return samples.Part{}, err
	}
	var err error
	s.masks, err = o.table(o.Values)
	return s.masks.part, err
}

// number numbers the classes.
func (s *tarSet) number() (err error) {
	highest := -1
	for name := range maps.Keys(s.names[0]) {
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || n >= 1<<20 || strconv.Itoa(n) != name {
			s.classes, err = numberClasses(s.names[0], s.names[1])
			return err
		}
		highest = max(highest, n)
	}
	for n := range highest {
		s.names[0][strconv.Itoa(n)] = true // the number is the class, also where one has no sample
	}
	s.classes, err = numberClasses(s.names[0], s.names[1])
	return err
}

// sources gives the samples of all tars.
func (s *tarSet) sources(yield func(source, error) bool) {
	for _, f := range s.files {
		groups, err := openTar(f.Path)
		if err != nil {
			yield(source{}, err)
			return
		}
		for {
			g, err := groups.next(true)
			if err == io.EOF {
				break
			}
			if err != nil || !yield(s.source(f, g), nil) {
				groups.close()
				if err != nil {
					yield(source{}, err)
				}
				return
			}
		}
		groups.close()
	}
}

// source is one sample of a tar.
func (s *tarSet) source(f files.File, g *group) source {
	src := source{path: f.Path + ":" + g.key, key: filepath.Base(f.Path) + "/" + g.key, held: s.held(f), class: -1}
	var err error
	if s.opts.MaskField == "" {
		var class string
		if class, err = g.class(); err == nil {
			src.class = s.classes.number[class]
		}
	}
	src.load = func() ([]samples.Sample, error) {
		if err != nil {
			return nil, err
		}
		return s.samples(g, src.class)
	}
	return src
}

// samples decodes the picture of a sample, and its mask if there are masks.
func (s *tarSet) samples(g *group, class int) ([]samples.Sample, error) {
	field, err := g.picture()
	if err != nil {
		return nil, err
	}
	p, err := s.opts.decode(g.content[field])
	if err != nil {
		return nil, err
	}
	if s.opts.MaskField == "" {
		return s.opts.samples(p, nil, class, g.key)
	}
	if !g.has[s.opts.MaskField] {
		return nil, fmt.Errorf("no mask %s, only %s", s.opts.MaskField, list(g.fields))
	}
	mask, err := picture.DecodeMask(g.content[s.opts.MaskField], s.opts.MaxPixels)
	if err != nil {
		return nil, fmt.Errorf("its mask %s: %w", s.opts.MaskField, err)
	}
	if err := s.masks.over(p, mask, s.opts.MaskField); err != nil {
		return nil, err
	}
	return s.opts.samples(p, mask, class, g.key)
}
