package numpy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Write writes a source as the set dir, which must not exist: it appears whole or not at all. The source has the tensors
// of a set and no others.
func Write(dir string, source safetensors.Source) (err error) {
	if err := check(source); err != nil {
		return fmt.Errorf("numpy: %w", err)
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("numpy: %s is there; a new directory is wanted", dir)
	}
	dir = filepath.Clean(dir)
	part, err := os.MkdirTemp(filepath.Dir(dir), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	for _, p := range parts {
		t, err := source.Read(p.name)
		if err != nil {
			return err
		}
		if err := p.write(part, t); err != nil {
			return err
		}
	}
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	return os.Rename(part, dir)
}

// check says whether a source is what a set can hold.
func check(source safetensors.Source) error {
	names := source.Names()
	for _, p := range parts {
		if !slices.Contains(names, p.name) {
			return fmt.Errorf("no tensor %s: the set is of a charlm of one mlstm layer with weight_norm", p.name)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("the set has no place for %s: it is of a charlm of one mlstm layer with weight_norm", name)
		}
	}
	embedding, _ := source.Info("encoder.weight")
	units, _ := source.Info("rnn.weight_mhh_l0_v")
	if len(embedding.Shape) != 2 || len(units.Shape) != 2 {
		return fmt.Errorf("encoder.weight is %v and rnn.weight_mhh_l0_v %v; matrices are wanted", embedding.Shape, units.Shape)
	}
	for i, want := range shapes(embedding.Shape[0], embedding.Shape[1], units.Shape[0]) {
		if info, _ := source.Info(parts[i].name); info.DType != safetensors.F32 || !slices.Equal(info.Shape, want) {
			return fmt.Errorf("%s is %s%v; F32%v is wanted", parts[i].name, info.DType, info.Shape, want)
		}
	}
	return nil
}

// write writes the files of a part.
func (p part) write(dir string, t safetensors.Tensor) error {
	values, ok := t.Data.([]float32)
	if err := t.Check(); err != nil || !ok {
		return errors.Join(err, fmt.Errorf("numpy: %s holds no float32", p.name))
	}
	dims, n := p.fileShape(t.Shape), p.last-p.first+1
	for i := range n {
		own := values[i*len(values)/n : (i+1)*len(values)/n]
		if err := writeFile(Files(dir)[p.first+i], dims, own, p.transposed); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, dims []int, values []float32, transposed bool) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = WriteArray(f, dims, func(put func([]float32) error) error {
		if !transposed {
			return put(values)
		}
		return putTransposed(dims[0], dims[1], values, put)
	})
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// putTransposed writes a matrix that lies as [cols, rows] as [rows, cols].
func putTransposed(rows, cols int, values []float32, put func([]float32) error) error {
	buf := make([]float32, strip*cols)
	for from := 0; from < rows; from += strip {
		n := min(strip, rows-from)
		for c := range cols {
			for r, x := range values[c*rows+from:][:n] {
				buf[r*cols+c] = x
			}
		}
		if err := put(buf[:n*cols]); err != nil {
			return err
		}
	}
	return nil
}
