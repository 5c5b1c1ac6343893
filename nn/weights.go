package nn

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/torchfile"
	"github.com/rondo-ml/rondo/tensor"
)

// Tensors returns all weights by their names, as a state_dict of PyTorch holds
// them: parameters, statistics and counters, each in order of registration. The
// tensors share the weights' memory.
func (ps *Params) Tensors() []safetensors.Tensor {
	var list []safetensors.Tensor
	for _, p := range ps.List {
		list = append(list, safetensors.Tensor{Name: p.Name, Shape: slices.Clone(p.Shape), Data: p.Value().Data})
	}
	for _, s := range ps.Statistics {
		list = append(list, safetensors.Tensor{Name: s.Name, Shape: []int{s.Size}, Data: s.Value()})
	}
	for _, c := range ps.Counters {
		list = append(list, safetensors.Tensor{Name: c.Name, Shape: []int{}, Data: c.Value})
	}
	return list
}

// infos is what Tensors would be, of parameters that may have no memory yet.
func (ps *Params) infos() []safetensors.Info {
	var list []safetensors.Info
	for _, p := range ps.List {
		list = append(list, safetensors.Info{Name: p.Name, DType: safetensors.F32, Shape: p.Shape})
	}
	for _, s := range ps.Statistics {
		list = append(list, safetensors.Info{Name: s.Name, DType: safetensors.F32, Shape: []int{s.Size}})
	}
	for _, c := range ps.Counters {
		list = append(list, safetensors.Info{Name: c.Name, DType: safetensors.I64})
	}
	return list
}

// CheckFinite returns an error that names the first tensor with a value that is not finite. What is computed with such weights
// means nothing. It reads all of them once.
func (ps *Params) CheckFinite() error {
	for _, t := range ps.Tensors() {
		x, ok := t.Data.([]float32)
		if !ok || !tensor.HasNonFinite(x) {
			continue
		}
		what := "an infinite value"
		if slices.ContainsFunc(x, func(v float32) bool { return math.IsNaN(float64(v)) }) {
			what = "a value that is not a number"
		}
		return fmt.Errorf("nn: %s holds %s", t.Name, what)
	}
	return nil
}

// LoadFile sets all weights from a file: see [OpenWeights] and [Params.Load]. Errors name the
// file and the tensor.
func (ps *Params) LoadFile(path string) error {
	f, err := OpenWeights(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := ps.Load(f, LoadOptions{}); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// WeightsFile is a file of weights that is open for reading.
type WeightsFile interface {
	safetensors.Source
	io.Closer
}

var errEmpty = errors.New("the file is empty; weights of PyTorch or safetensors are wanted")

// OpenWeights opens a file of weights: safetensors, such as PyTorch's
// safetensors.torch.save_file(model.state_dict(), path) writes, or one of
// torch.save(model.state_dict(), path). A path may also be a directory of arrays of NumPy
// as [numpy.Open] reads them. The caller closes it.
func OpenWeights(path string) (WeightsFile, error) {
	if numpy.IsSet(path) {
		return opened(numpy.Open(path))
	}
	head, err := beginning(path)
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("nn: %s: %w", path, errEmpty)
	}
	if torchfile.Recognizes(head) {
		return opened(torchfile.Open(path))
	}
	return opened(safetensors.Open(path))
}

// NewWeights is OpenWeights of a file of size bytes that is read through r, as one of an object
// store; a directory of arrays is none. The name stands for the file in errors.
func NewWeights(name string, r io.ReaderAt, size int64) (WeightsFile, error) {
	head := make([]byte, min(size, headSize))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, fmt.Errorf("nn: %s: %w", name, err)
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("nn: %s: %w", name, errEmpty)
	}
	if torchfile.Recognizes(head) {
		return opened(torchfile.New(name, r, size))
	}
	return opened(safetensors.New(name, r, size))
}

// WeightsFiles are the paths of the files that hold the weights at a path: more than one of a
// directory of arrays.
func WeightsFiles(path string) []string {
	if numpy.IsSet(path) {
		return numpy.Files(path)
	}
	return []string{path}
}

// opened keeps a nil pointer from becoming a file that is not nil.
func opened[F WeightsFile](f F, err error) (WeightsFile, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// headSize is how many bytes tell one kind of file from another.
const headSize = 64

// beginning reads the first bytes of a file.
func beginning(path string) (head []byte, err error) {
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !stat.Mode().IsRegular(): // reading from a pipe could last
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head = make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	return head[:n], err
}
