package torchfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/pytorch"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// What gopickle lacks of the classes in files of PyTorch, so that it reads all that this package reads.

// function is one of Python.
type function func(args ...any) (any, error)

func (f function) Call(args ...any) (any, error) { return f(args...) }

// ignored is an object of a class that is passed over, and the class itself.
type ignored struct{}

func (i *ignored) Call(...any) (any, error)  { return i, nil }
func (i *ignored) PyNew(...any) (any, error) { return i, nil }
func (*ignored) PySetState(any) error        { return nil }
func (*ignored) Append(any)                  {}
func (*ignored) Add(any)                     {}
func (*ignored) Set(_, _ any)                {}

// findClass gives a class that gopickle does not know.
func findClass(module, name string) (any, error) {
	argument := func(n int, args []any) (any, error) {
		if n >= len(args) {
			return nil, errors.New("too few arguments")
		}
		return args[n], nil
	}
	switch module + "." + name {
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.Size":
		return function(func(args ...any) (any, error) { return argument(0, args) }), nil
	case "torch._tensor._rebuild_from_type_v2": // (function, class, arguments, state)
		return function(func(args ...any) (any, error) {
			own, err := argument(2, args)
			if t, ok := own.(*types.Tuple); ok {
				return (&pytorch.RebuildTensorV2{}).Call(*t...)
			}
			return nil, errors.Join(err, errors.New("no arguments"))
		}), nil
	case "collections.Counter", "collections.defaultdict", "builtins.dict", "__builtin__.dict":
		return function(func(args ...any) (any, error) {
			if len(args) == 0 {
				return types.NewDict(), nil
			}
			return args[len(args)-1], nil
		}), nil
	}
	return &ignored{}, nil
}

// readByGopickle is what gopickle makes of a file. It may panic; that is its own.
func readByGopickle(name string) (object any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gopickle panics: %v", p)
		}
	}()
	return pytorch.LoadWithUnpickler(name, func(r io.Reader) pickle.Unpickler {
		u := pickle.NewUnpickler(r)
		u.FindClass = findClass
		return u
	})
}

// entriesByGopickle are the entries of a dictionary whose keys are texts. Python and this package keep
// the last of two with one key.
func entriesByGopickle(object any) map[string]any {
	entries := map[string]any{}
	add := func(key, value any) {
		if k, ok := key.(string); ok {
			entries[k] = value
		}
	}
	switch d := object.(type) {
	case *types.Dict:
		for _, e := range *d {
			add(e.Key, e.Value)
		}
	case *types.OrderedDict:
		for key, e := range d.Map {
			add(key, e.Value)
		}
	}
	return entries
}

// elementsOf are those of a storage of gopickle, and their type.
func elementsOf(s pytorch.StorageInterface) (safetensors.DType, int, func(i int) any) {
	switch s := s.(type) {
	case *pytorch.FloatStorage:
		return safetensors.F32, len(s.Data), func(i int) any { return math.Float32bits(s.Data[i]) }
	case *pytorch.DoubleStorage:
		return safetensors.F64, len(s.Data), func(i int) any { return math.Float64bits(s.Data[i]) }
	case *pytorch.HalfStorage:
		return safetensors.F16, len(s.Data), func(i int) any { return math.Float32bits(s.Data[i]) }
	case *pytorch.BFloat16Storage:
		return safetensors.BF16, len(s.Data), func(i int) any { return math.Float32bits(s.Data[i]) }
	case *pytorch.LongStorage:
		return safetensors.I64, len(s.Data), func(i int) any { return s.Data[i] }
	case *pytorch.IntStorage:
		return safetensors.I32, len(s.Data), func(i int) any { return s.Data[i] }
	case *pytorch.ShortStorage:
		return safetensors.I16, len(s.Data), func(i int) any { return s.Data[i] }
	case *pytorch.CharStorage:
		return safetensors.I8, len(s.Data), func(i int) any { return s.Data[i] }
	case *pytorch.ByteStorage:
		return safetensors.U8, len(s.Data), func(i int) any { return s.Data[i] }
	case *pytorch.BoolStorage:
		return safetensors.Bool, len(s.Data), func(i int) any { return s.Data[i] }
	}
	return "", 0, nil
}

// element is one of a tensor of this package, as elementsOf has it: bits of floats, so that those that
// are no numbers are compared, too.
func element(t safetensors.Tensor, i int) any {
	switch d := t.Data.(type) {
	case []float32:
		return math.Float32bits(d[i])
	case []float64:
		return math.Float64bits(d[i])
	case []safetensors.Float16:
		return math.Float32bits(d[i].Float32())
	case []safetensors.BFloat16:
		return math.Float32bits(d[i].Float32())
	case []int64:
		return d[i]
	case []int32:
		return d[i]
	case []int16:
		return d[i]
	case []int8:
		return d[i]
	case []byte:
		return d[i]
	case []bool:
		return d[i]
	}
	return nil
}

// checkTensor compares a tensor with what gopickle has of it. The place of an element is counted here
// by itself: its number in mixed radix. Halves below 2⁻¹⁴ are left out, as gopickle has them wrong:
// it makes 2⁻¹⁴ of 2⁻²⁴.
func checkTensor(t *testing.T, got safetensors.Tensor, want *pytorch.Tensor) {
	t.Helper()
	dtype, count, at := elementsOf(want.Source)
	if got.DType() != dtype || !slices.Equal(got.Shape, want.Size) {
		t.Fatalf("%q is %s%v, gopickle has %s%v", got.Name, got.DType(), got.Shape, dtype, want.Size)
	}
	for i := range got.Len() {
		if x := math.Abs(got.At(i)); dtype == safetensors.F16 && x > 0 && x < 0x1p-14 {
			continue
		}
		place, rest := want.StorageOffset, i
		for d := len(want.Size) - 1; d >= 0; d-- {
			place += rest % want.Size[d] * want.Stride[d]
			rest /= want.Size[d]
		}
		if place < 0 || place >= count {
			t.Fatalf("%q: element %d lies at %d of %d", got.Name, i, place, count)
		}
		if x, y := element(got, i), at(place); x != y {
			t.Fatalf("%q: element %d is %v, gopickle has %v", got.Name, i, x, y)
		}
	}
}

// canCompare says whether gopickle can be asked for a file that this package reads. It cannot
//
//   - where a file begins as one framing and ends as the other: gopickle looks for the end of an
//     archive, PyTorch for its beginning;
//   - where entries of an archive have one name in several folders: gopickle knows no folders;
//   - where a storage that no tensor has is longer than the file: gopickle would make room for it;
//   - where a truth value is neither 0 nor 1, which is true in PyTorch and false in gopickle.
func canCompare(f *File, data []byte) bool {
	if slices.ContainsFunc(f.Names(), func(name string) bool { return oddTruth(f.tensors[name].of, data) }) {
		return false
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return true
	}
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	seen := map[string]bool{}
	for _, e := range archive.File {
		if seen[path.Base(e.Name)] {
			return false
		}
		seen[path.Base(e.Name)] = true
		if path.Base(e.Name) != "data.pkl" {
			continue
		}
		at, err := e.DataOffset()
		if err != nil {
			return false
		}
		bounded := func(id any) (any, error) {
			s, err := storageOf(id)
			if err == nil && (s.length < 0 || s.length > int64(len(data))) {
				err = errors.New("longer than the file")
			}
			return s, err
		}
		if _, err := unpickle(newInput(bytes.NewReader(data), at, int64(e.UncompressedSize64)), bounded); err != nil {
			return false
		}
	}
	return true
}

func oddTruth(of *storage, data []byte) bool {
	return of.dtype == safetensors.Bool &&
		slices.ContainsFunc(data[of.record.at:of.record.at+of.record.size], func(b byte) bool { return b > 1 })
}

// compare reads a file with gopickle, too, and says whether it did: all tensors are equal then. The
// file is written to path, as gopickle reads no other.
func compare(t *testing.T, data []byte, path string) bool {
	t.Helper()
	f, err := New("test.pth", bytes.NewReader(data), int64(len(data)))
	if err != nil || !canCompare(f, data) {
		return false
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	object, err := readByGopickle(path)
	if err != nil {
		return false
	}
	if f.Within() != "" {
		object = entriesByGopickle(object)[f.Within()]
	}
	theirs := entriesByGopickle(object)
	tensors := 0
	for name, value := range theirs {
		if _, ok := value.(*pytorch.Tensor); !ok {
			continue
		}
		if tensors++; f.tensors[name] == nil {
			t.Fatalf("gopickle has a tensor %q", name)
		}
	}
	if tensors != len(f.Names()) {
		t.Fatalf("%d tensors, gopickle has %d", len(f.Names()), tensors)
	}
	for _, name := range f.Names() {
		got, err := f.Read(name)
		if err != nil {
			return false // a sum does not fit, for which gopickle does not look
		}
		checkTensor(t, got, theirs[name].(*pytorch.Tensor))
	}
	return true
}

// TestBesideGopickle reads files of PyTorch of both framings as gopickle does, which is independent of
// this package.
func TestBesideGopickle(t *testing.T) {
	for name := range readExpected(t) {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		// gopickle knows no storage of complex numbers, and none of the kinds of kinds.pth.
		if read := compare(t, data, filepath.Join(t.TempDir(), name)); read != (name != "mixed.pth" && name != "kinds.pth") {
			t.Errorf("%s: read by both: %v", name, read)
		}
	}
}

// FuzzBesideGopickle changes files: what both read is equal. Where this package refuses a file, gopickle
// is not asked: it reads past lengths that are wrong, and makes room for any.
func FuzzBesideGopickle(f *testing.F) {
	seeds(f)
	path := filepath.Join(f.TempDir(), "file.pth")
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data, path) })
}
