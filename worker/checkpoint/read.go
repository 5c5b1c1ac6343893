package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// VerifyFile reads a file of the checkpoint of a step back and compares it with what its writer said: size,
// SHA-256, and each tensor's name, element type, shape and bytes.
func VerifyFile(fs FS, dir string, step uint64, want FileInfo) error {
	if err := want.validate(); err != nil {
		return fmt.Errorf("checkpoint: file %q: %w", want.Name, err)
	}
	return readFile(fs, objects.Join(dir, DirName(step)), want, nil)
}

// Load reads the tensors of some groups (all of them when none is named) of a committed checkpoint below
// dir, checking every file it reads against the manifest, as VerifyFile does.
func Load(fs FS, dir string, m *Manifest, groups ...string) (*Snapshot, error) {
	s := &Snapshot{Manifest: m, tensors: map[string]safetensors.Tensor{}}
	wanted := map[string]bool{}
	for _, g := range groups {
		wanted[g] = true
	}
	found := map[string]bool{}
	stepDir := objects.Join(dir, DirName(m.Step))
	for _, info := range m.Files {
		group := groupOf(info.Name)
		if len(groups) > 0 && !wanted[group] {
			continue
		}
		found[group] = true
		err := readFile(fs, stepDir, info, func(t safetensors.Tensor) { s.tensors[group+"/"+t.Name] = t })
		if err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		if !found[g] {
			return nil, fmt.Errorf("checkpoint: %s: no file %s", stepDir, FileName(g))
		}
	}
	return s, nil
}

// readFile reads a file once, from front to back, and checks it against want. Unless take is nil it is given each tensor, which is
// what it should be only when readFile returns no error.
func readFile(fs FS, stepDir string, want FileInfo, take func(safetensors.Tensor)) (err error) {
	path := objects.Join(stepDir, want.Name)
	defer func() {
		if err != nil {
			err = fmt.Errorf("checkpoint: %w; the checkpoint is damaged: remove %s to go on from the one before", err, stepDir)
		}
	}()
	r, err := fs.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	size, err := r.Size()
	if err != nil {
		return err
	}
	if size != want.Size {
		return fmt.Errorf("%s: size: found %d bytes, want %d", path, size, want.Size)
	}
	all := &tally{r: r, hash: sha256.New()}
	other := readTensors(path, all, want, take)
	sum, err := all.sum(size)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if sum != want.SHA256 { // says more than what came of it
		return fmt.Errorf("%s: SHA-256: found %s, want %s", path, short(sum), short(want.SHA256))
	}
	return other
}

// readTensors reads what is in a file, in its order, and compares it with what its writer said.
func readTensors(path string, r io.ReaderAt, want FileInfo, take func(safetensors.Tensor)) error {
	f, err := safetensors.New(path, r, want.Size)
	if err != nil {
		return err
	}
	if err := sameTensors(path, f, want.Tensors); err != nil {
		return err
	}
	offset := func(w TensorInfo) int64 {
		info, _ := f.Info(w.Name)
		return info.Offset
	}
	ordered := slices.Clone(want.Tensors)
	sort.SliceStable(ordered, func(i, j int) bool { return offset(ordered[i]) < offset(ordered[j]) })
	buf := make([]byte, bufferSize)
	for _, w := range ordered {
		data, err := f.Data(w.Name)
		if err != nil {
			return err
		}
		h := sha256.New()
		if take == nil {
			_, err = io.CopyBuffer(h, data, buf)
		} else {
			info, _ := f.Info(w.Name)
			t := safetensors.Tensor{Name: w.Name, Shape: info.Shape, Data: safetensors.Elements(info.DType, info.Count())}
			err = t.ReadData(io.TeeReader(data, h))
			take(t)
		}
		if err != nil {
			return fmt.Errorf("%s: tensor %q: %w", path, w.Name, err)
		}
		if sum := hex.EncodeToString(h.Sum(nil)); sum != w.SHA256 {
			return fmt.Errorf("%s: tensor %q: SHA-256: found %s, want %s", path, w.Name, short(sum), short(w.SHA256))
		}
	}
	return nil
}

// sameTensors compares the names, types and shapes in a file with what its writer said.
func sameTensors(path string, f *safetensors.File, want []TensorInfo) error {
	names := f.Names()
	if len(names) != len(want) {
		return fmt.Errorf("%s: found %d tensors, want %d", path, len(names), len(want))
	}
	for i, w := range want {
		if names[i] != w.Name {
			return fmt.Errorf("%s: tensor %q: found %q in its place", path, w.Name, names[i])
		}
		info, _ := f.Info(w.Name)
		if info.DType != w.DType || !slices.Equal(info.Shape, w.Shape) {
			return fmt.Errorf("%s: tensor %q: found %s%v, want %s%v", path, w.Name, info.DType, info.Shape, w.DType, w.Shape)
		}
	}
	return nil
}

// checkSize reports a file that is not there, or not of its size.
func checkSize(fs FS, stepDir string, want FileInfo) error {
	path := objects.Join(stepDir, want.Name)
	r, err := fs.Open(path)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	size, err := r.Size()
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	if size != want.Size {
		return fmt.Errorf("checkpoint: %s: size: found %d bytes, want %d", path, size, want.Size)
	}
	return nil
}
