package cutting

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
)

// MaskOptions say where the masks of pictures lie, which give every pixel a class, and what their values mean.
type MaskOptions struct {
	// Masks and HeldOutMasks are directories of masks: the mask of the picture a/7.jpg is a/7.png, or another PNG or GIF of
	// the name a/7. Held-out pictures have theirs in HeldOutMasks, or in Masks if there are none. See [picture.DecodeMask].
	Masks, HeldOutMasks []string

	// Values are the values of the classes 0, 1, …. nil means that each value is the number of its class; then the values
	// must be 0, 1, … without a gap.
	Values []int

	// Ignore are the values of pixels of no class. They are stored as [NoPixelClass].
	Ignore []int

	// Names are the names of the classes by number; nil means the values.
	Names []string
}

// NoPixelClass is what a stored mask holds where a pixel has no class.
const NoPixelClass = 255

// NoImage is the reason to leave out a mask whose picture is not there.
const NoImage files.Reason = "mask without a picture"

func (o MaskOptions) masked() bool { return len(o.Masks)+len(o.HeldOutMasks) > 0 }

func (o MaskOptions) check() error {
	if len(o.Masks) == 0 {
		return errors.New("--held-out-masks without --masks")
	}
	return o.checkValues()
}

func (o MaskOptions) checkValues() error {
	seen := map[int]bool{}
	for _, v := range slices.Concat(o.Values, o.Ignore) {
		if v < 0 || v > 255 || seen[v] {
			return fmt.Errorf("mask value %d: values are from 0 to 255, each once", v)
		}
		seen[v] = true
	}
	return nil
}

// maskTable says what a mask's values become: the number of a class, [NoPixelClass], or unknown.
type maskTable struct {
	to    [256]int
	names []string
	part  samples.Part
}

const unknownValue = -1

// table gives the values their classes.
func (o MaskOptions) table(values []int) (t maskTable, err error) {
	for i := range t.to {
		t.to[i] = unknownValue
	}
	for class, v := range values {
		t.to[v] = class
		t.names = append(t.names, strconv.Itoa(v))
	}
	t.part = samples.Part{Name: "mask", Element: samples.Uint8}
	for _, v := range o.Ignore {
		t.to[v], t.part.Ignore = NoPixelClass, NoPixelClass
	}
	if o.Names != nil {
		if len(o.Names) != len(values) {
			return t, fmt.Errorf("%d names for %d classes of pixels", len(o.Names), len(values))
		}
		t.names = o.Names
	}
	if t.part.Classes = t.names; len(values) == 256 && t.part.Ignore != 0 {
		return t, errors.New("256 classes of pixels, and some to be ignored: 255 at most")
	}
	return t, nil
}

// apply turns the values of a mask into classes.
func (t maskTable) apply(mask *picture.Picture) error {
	for i, v := range mask.Pixels {
		class := t.to[v]
		if class == unknownValue {
			return fmt.Errorf("its mask has the value %d at (%d, %d), which is no class: say which values are by --mask-values, or --ignore it",
				v, i%mask.Width, i/mask.Width)
		}
		mask.Pixels[i] = byte(class)
	}
	return nil
}

// findMasks finds the masks in directories, by their keys without the ending.
func (o Options) findMasks(dirs []string) (map[string]files.File, []files.LeftOut, error) {
	found, left, err := files.Find(files.Options{Out: o.outputs(), Include: []string{"*.png", "*.PNG", "*.gif", "*.GIF"}}, dirs)
	if err != nil {
		return nil, nil, err
	}
	masks := map[string]files.File{}
	for _, f := range found {
		stem := withoutEnding(f.Key)
		if first, twice := masks[stem]; twice {
			return nil, nil, fmt.Errorf("%s and %s: two masks for one picture", first.Path, f.Path)
		}
		masks[stem] = f
	}
	return masks, left, nil
}

func withoutEnding(key string) string { return strings.TrimSuffix(key, path.Ext(key)) }

// openMask decodes a mask.
func (o PictureOptions) openMask(path string) (*picture.Picture, error) {
	b, err := readPicture(path)
	if err == nil {
		var mask *picture.Picture
		if mask, err = picture.DecodeMask(b, o.MaxPixels); err == nil {
			return mask, nil
		}
	}
	return nil, fmt.Errorf("its mask %s: %s", path, files.ReasonOf(err))
}

// overlay decodes a picture and its mask, and wants them to be of one size.
func (o PictureOptions) overlay(image, mask string, t maskTable) (p, m *picture.Picture, err error) {
	if p, err = o.open(image); err != nil {
		return nil, nil, err
	}
	if mask == "" {
		return nil, nil, errors.New("no mask of its name")
	}
	if m, err = o.openMask(mask); err != nil {
		return nil, nil, err
	}
	return p, m, t.over(p, m, mask)
}

// over turns the values of the mask of a picture, which must be of its size, into classes.
func (t maskTable) over(p, mask *picture.Picture, name string) error {
	if mask.Height != p.Height || mask.Width != p.Width {
		return fmt.Errorf("%d×%d pixels, and its mask %s has %d×%d", p.Width, p.Height, name, mask.Width, mask.Height)
	}
	return t.apply(mask)
}

// findValues gives the values that masks have, in order. Masks that cannot be read are found out later.
func (o ImagesOptions) findValues(list []maskedFile) ([]int, error) {
	var lock sync.Mutex
	var has [256]bool
	sources := func(yield func(source, error) bool) {
		for _, f := range list {
			load := func() ([]samples.Sample, error) {
				mask, err := o.openMask(f.mask.Path)
				if f.mask.Path == "" || err != nil {
					return nil, nil
				}
				var here [256]bool
				for _, v := range mask.Pixels {
					here[v] = true
				}
				lock.Lock()
				defer lock.Unlock()
				for v, is := range here {
					has[v] = has[v] || is
				}
				return nil, nil
			}
			if !yield(source{load: load}, nil) {
				return
			}
		}
	}
	if err := loadInOrder(o.goroutines(), sources, func(*job) error { return nil }); err != nil {
		return nil, err
	}
	var values []int
	for v, is := range has {
		if is && !slices.Contains(o.Ignore, v) {
			values = append(values, v)
		}
	}
	if len(values) > 0 && values[len(values)-1] != len(values)-1 {
		text := strings.ReplaceAll(strings.Trim(fmt.Sprint(values), "[]"), " ", ",")
		return nil, fmt.Errorf("the masks have the values %s: say which ones are the classes 0, 1, … by --mask-values %s", text, text)
	}
	return values, nil
}
