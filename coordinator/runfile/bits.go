package runfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rounding is, among Bits, the release since which the model's sums are taken in the order of now, for models
// and precisions whose results once had other bits.
const Rounding = "rounding"

// bf16Rounding is what Rounding says besides where products are bfloat16: since then they are sums of blocks of 32.
const bf16Rounding = "bf16-0.9.0"

// Bits returns the fields that decide the bits of the result, path to canonical text: two files with equal
// Bits train, on the same data, to the same bits. A field that is younger than its checkpoints is left out where
// it has the value that they were made with. One that is in no run file is Rounding.
// Of model.weights it has what is in the file, not where that lies.
func (f *File) Bits() map[string]string {
	m := map[string]string{}
	for _, d := range f.all() {
		if text := d.text(f); d.decides(f) && !d.left(f, text) {
			m[d.path] = text
		}
	}
	if f.Model.WeightsHash != "" {
		m[weightsPath] = f.Model.WeightsHash
	}
	since := f.Model.info().Rounding
	if f.Precision == "bf16" {
		since = strings.TrimPrefix(since+"+"+bf16Rounding, "+")
	}
	if since != "" {
		m[Rounding] = since
	}
	return m
}

// left reports whether a value is left out of Bits.
func (d *field) left(f *File, text string) bool {
	if d.path == "task.kind" {
		return text == f.Model.info().Task
	}
	return text == d.unsaid && (text != "" || d.omits)
}

// decides reports whether the field decides bits of the file's run.
func (d *field) decides(f *File) bool {
	switch {
	case d.path == "eval.every" || d.path == "eval.batches":
		return f.Schedule.Kind == "plateau" // which listens to what is measured
	case d.old && (f.Optimizer.Kind == "sgd" || f.Optimizer.Kind == "adam"):
		return true
	}
	return d.role == ofBits && d.misplaced(f) == ""
}

// Hash is the SHA-256, in hexadecimal, of Bits. See HashBits.
func (f *File) Hash() string { return HashBits(f.Bits()) }

// HashBits is the SHA-256, in hexadecimal, of the lines "path=text\n" in the order of their paths.
func HashBits(bits map[string]string) string {
	h := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(bits)) {
		fmt.Fprintf(h, "%s=%s\n", path, bits[path])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Diff names the fields in which two Bits differ, in order, each with both values:
// "model.hidden: 256 and 512". It is empty when they are the same.
func Diff(a, b map[string]string) []string {
	paths := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for path := range m {
			paths[path] = true
		}
	}
	var diff []string
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		x, inA := a[path]
		y, inB := b[path]
		if x != y || inA != inB {
			diff = append(diff, fmt.Sprintf("%s: %s and %s", path, shown(x, inA), shown(y, inB)))
		}
	}
	return diff
}

func shown(text string, present bool) string {
	switch {
	case !present:
		return "absent"
	case text == "" || strings.ContainsAny(text, " ,\n"):
		return quote(text)
	}
	return text
}

// FromBits rebuilds a File of the fields that decide bits. Those that the kinds of today do not read are passed over:
// earlier releases kept them. Where data lies is not among the bits; it is "unknown", and so is where the
// weights lay that the run began from.
func FromBits(name string, bits map[string]string) (*File, error) {
	f := &File{Name: nameOf(name)}
	setDefaults(f)
	said := func(path string) (string, place, bool) { text, ok := bits[path]; return text, place{file: name}, ok }
	if err := beginKinds(f, said); err != nil {
		return nil, err
	}
	given := map[string]place{}
	for _, path := range slices.Sorted(maps.Keys(bits)) {
		if path == Rounding || f.lookup(path) == nil && misnamed(f, path) != "" {
			continue
		}
		if path == weightsPath {
			f.Model.Weights, f.Model.WeightsHash = "unknown", bits[path]
			continue
		}
		if err := override(f, path+"="+bits[path], given); err != nil {
			return nil, err
		}
	}
	fillDerived(f, func(path string) bool { _, ok := given[path]; return ok })
	f.Data.Train = "unknown"
	if f.Schedule.Kind == "plateau" {
		f.Data.Valid = "unknown"
	}
	if err := check(f, func(path string) place { return place{file: name} }, func(string) bool { return false }); err != nil {
		return nil, err
	}
	return f, nil
}
