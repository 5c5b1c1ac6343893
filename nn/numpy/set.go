package numpy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// part is a tensor of a model and the files that hold it.
type part struct {
	name        string
	first, last int // numbers of the files
	transposed  bool
	vector      bool // the file has one dimension; the tensor may have a second one, of 1
}

var parts = []part{
	{"encoder.weight", 0, 0, false, false},
	{"rnn.weight_ih_l0_v", 1, 1, true, false},
	{"rnn.weight_mh_l0_v", 2, 5, true, false},
	{"rnn.weight_mih_l0_v", 6, 6, true, false},
	{"rnn.weight_mhh_l0_v", 7, 7, true, false},
	{"rnn.bias_l0", 8, 8, false, true},
	{"rnn.weight_ih_l0_g", 9, 9, false, true},
	{"rnn.weight_mh_l0_g", 10, 10, false, true},
	{"rnn.weight_mih_l0_g", 11, 11, false, true},
	{"rnn.weight_mhh_l0_g", 12, 12, false, true},
	{"decoder.weight", 13, 13, true, false},
	{"decoder.bias", 14, 14, false, true},
}

// shapes are the shapes of all tensors of a set, in the order of parts.
func shapes(vocab, embed, hidden int) [][]int {
	return [][]int{
		{vocab, embed}, {4 * hidden, embed}, {4 * hidden, hidden}, {hidden, embed}, {hidden, hidden},
		{4 * hidden}, {4 * hidden, 1}, {4 * hidden, 1}, {hidden, 1}, {hidden, 1}, {vocab, hidden}, {vocab},
	}
}

// files is how many files a set has.
const files = 15

// Files are the paths of a set's files, in order.
func Files(dir string) (paths []string) {
	for i := range files {
		paths = append(paths, filepath.Join(dir, strconv.Itoa(i)+".npy"))
	}
	return paths
}

// IsSet says whether a path is a directory with the first file of a set.
func IsSet(dir string) bool {
	_, err := os.Stat(Files(dir)[0])
	return err == nil
}

// Set is a set that is open for reading. It is a [safetensors.Source].
type Set struct {
	arrays []*Array
	infos  map[string]safetensors.Info
}

// Open opens a set and checks the shapes of its arrays. The caller closes it.
func Open(dir string) (*Set, error) {
	s := &Set{infos: map[string]safetensors.Info{}}
	if err := s.open(dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Set) open(dir string) error {
	for _, path := range Files(dir) {
		a, err := OpenArray(path)
		if err != nil {
			return err
		}
		s.arrays = append(s.arrays, a)
	}
	sizes := s.arrays[0].Shape
	units := s.arrays[7].Shape
	if len(sizes) != 2 || len(units) != 2 || min(sizes[0], sizes[1], units[0]) < 1 || units[0] > 1<<16 {
		return fmt.Errorf("numpy: %s: 0.npy has %v and 7.npy %v; an embedding and a square matrix are wanted", dir, sizes, units)
	}
	for i, want := range shapes(sizes[0], sizes[1], units[0]) {
		p := parts[i]
		for n := p.first; n <= p.last; n++ {
			if file := p.fileShape(want); !sameSizes(s.arrays[n].Shape, file) {
				return s.arrays[n].fail(fmt.Errorf("%v; with %d units, as 7.npy says, it is %v: %s", s.arrays[n].Shape, units[0], file, p.name))
			}
		}
		size := int64(4)
		for _, n := range want {
			size *= int64(n)
		}
		s.infos[p.name] = safetensors.Info{Name: p.name, DType: safetensors.F32, Shape: want, Size: size}
	}
	return nil
}

// sameSizes compares shapes, dimensions of 1 apart.
func sameSizes(a, b []int) bool {
	long := func(n int) bool { return n == 1 }
	return slices.Equal(slices.DeleteFunc(slices.Clone(a), long), slices.DeleteFunc(slices.Clone(b), long))
}

// fileShape is the shape of each of a part's files.
func (p part) fileShape(tensor []int) []int {
	if p.vector {
		return tensor[:1]
	}
	rows, cols := tensor[0], tensor[1]
	if p.transposed {
		rows, cols = cols, rows
	}
	return []int{rows, cols / (p.last - p.first + 1)}
}

// Close closes all files.
func (s *Set) Close() (err error) {
	for _, a := range s.arrays {
		err = errors.Join(err, a.Close())
	}
	return err
}

// Names are the names of the tensors, sorted.
func (s *Set) Names() (names []string) {
	for _, p := range parts {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return names
}

// Info says of what shape and type a tensor is, and whether there is such a one.
func (s *Set) Info(name string) (safetensors.Info, bool) {
	info, ok := s.infos[name]
	return info, ok
}

// Read reads a tensor.
func (s *Set) Read(name string) (t safetensors.Tensor, err error) {
	info, ok := s.infos[name]
	if !ok {
		return t, fmt.Errorf("numpy: no tensor %q in the set", name)
	}
	values := make([]float32, info.Count())
	p := parts[slices.IndexFunc(parts, func(p part) bool { return p.name == name })]
	if !p.transposed {
		err = s.arrays[p.first].Read(values, 0)
	}
	for n, at := p.first, 0; p.transposed && err == nil && n <= p.last; n++ {
		file := p.fileShape(info.Shape)
		err = s.arrays[n].readTransposed(values[at:], file[0], file[1])
		at += file[0] * file[1]
	}
	return safetensors.Tensor{Name: name, Shape: info.Shape, Data: values}, err
}

// strip is how many rows of an array are transposed at once.
const strip = 32

// readTransposed reads a matrix [rows, cols] as [cols, rows].
func (a *Array) readTransposed(dst []float32, rows, cols int) error {
	buf := make([]float32, strip*cols)
	for from := 0; from < rows; from += strip {
		n := min(strip, rows-from)
		if err := a.Read(buf[:n*cols], from*cols); err != nil {
			return err
		}
		for c := range cols {
			out := dst[c*rows+from:][:n]
			for r := range out {
				out[r] = buf[r*cols+c]
			}
		}
	}
	return nil
}
