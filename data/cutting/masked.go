package cutting

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
)

// maskedFile is a picture with its mask.
type maskedFile struct {
	files.File
	mask files.File // its path is "" if there is none
	held bool
}

// cutMasked cuts pictures with masks.
func (o ImagesOptions) cutMasked(paths []string) (Summary, error) {
	if err := o.MaskOptions.check(); err != nil {
		return Summary{}, err
	}
	if o.Class != "" {
		return Summary{}, errors.New("--class and --masks: with masks it is the pixels that have classes")
	}
	pairs, left, err := o.pairs(paths)
	if err != nil {
		return Summary{}, err
	}
	if len(pairs) == 0 {
		return Summary{}, fmt.Errorf("no picture in %s; left out %s", list(paths), files.Tally(left))
	}
	values := o.Values
	if values == nil {
		if values, err = o.findValues(pairs); err != nil {
			return Summary{}, err
		}
	}
	table, err := o.table(values)
	if err != nil {
		return Summary{}, err
	}
	sources := func(yield func(source, error) bool) {
		for _, f := range pairs {
			load := func() ([]samples.Sample, error) {
				p, mask, err := o.overlay(f.Path, f.mask.Path, table)
				if err != nil {
					return nil, err
				}
				return o.samples(p, mask, 0, f.Key)
			}
			if !yield(source{path: f.Path, key: f.Key, held: f.held, class: -1, load: load}, nil) {
				return
			}
		}
	}
	p := plan{Kind: "masks", Options: o}
	for _, f := range pairs {
		p.Inputs = append(p.Inputs, f.File, f.mask)
	}
	heldGiven := len(o.HeldOut) > 0 || o.HeldOutMatch != ""
	sum, err := o.cut(cutting{o.schema(table.part), sources, len(pairs), heldGiven, false, p})
	sum.Classes, sum.LeftOut = table.names, append(left, sum.LeftOut...)
	return sum, err
}

// pairs finds pictures and their masks.
func (o ImagesOptions) pairs(paths []string) (pairs []maskedFile, left []files.LeftOut, err error) {
	heldOut, err := pattern("--held-out-match", o.HeldOutMatch)
	if err != nil {
		return nil, nil, err
	}
	found, left, err := o.find(files.Options{Include: o.Include, Exclude: o.Exclude}, paths)
	if err != nil {
		return nil, nil, err
	}
	masks, more, err := o.findMasks(o.Masks)
	if err != nil {
		return nil, nil, err
	}
	left = append(left, more...)
	heldMasks := masks
	if len(o.HeldOutMasks) > 0 {
		if heldMasks, more, err = o.findMasks(o.HeldOutMasks); err != nil {
			return nil, nil, err
		}
		left = append(left, more...)
	}
	used := map[string]string{} // by the path of a mask: its picture
	for _, f := range found {
		held := f.From >= len(paths)
		of := masks
		if held {
			of = heldMasks
		}
		mask := of[withoutEnding(f.Key)]
		if other := used[mask.Path]; other != "" && mask.Path != "" {
			return nil, nil, fmt.Errorf("%s and %s: two pictures of one name for the mask %s; give the held-out ones masks of their own by --held-out-masks, "+
				"or the pictures different names", other, f.Path, mask.Path)
		}
		used[mask.Path] = f.Path
		pairs = append(pairs, maskedFile{f, mask, held || heldOut != nil && heldOut.MatchString(f.Key)})
	}
	for _, of := range []map[string]files.File{masks, heldMasks} {
		for _, stem := range slices.Sorted(maps.Keys(of)) {
			if m := of[stem].Path; used[m] == "" {
				used[m] = m // once, where both have it
				left = append(left, files.LeftOut{Path: m, Reason: NoImage, Offset: files.NoOffset})
			}
		}
	}
	return pairs, left, nil
}
