package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// VerifyFile reads a file of the checkpoint of a step back and compares it with what its writer said: size,
// SHA-256, and each tensor's name, element type, shape and bytes.
func VerifyFile(fs FS, dir string, step uint64, want FileInfo) error {
	if err := want.validate(); err != nil {
		return fmt.Errorf("checkpoint: file %q: %w", want.Name, err)
	}
	return withFile(fs, objects.Join(dir, DirName(step)), want, func(*safetensors.File) error { return nil })
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
		err := withFile(fs, stepDir, info, func(f *safetensors.File) error { return s.take(group, f) })
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

// withFile opens a file, checks it against want and hands it to use.
func withFile(fs FS, stepDir string, want FileInfo, use func(*safetensors.File) error) (err error) {
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
	sum, err := hashReader(io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if sum != want.SHA256 {
		return fmt.Errorf("%s: SHA-256: found %s, want %s", path, short(sum), short(want.SHA256))
	}
	f, err := safetensors.New(path, r, size)
	if err != nil {
		return err
	}
	if err := sameTensors(path, f, want.Tensors); err != nil {
		return err
	}
	return use(f)
}

// sameTensors compares what is in a file with what its writer said.
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
		data, err := f.Data(w.Name)
		if err != nil {
			return err
		}
		sum, err := hashReader(data, info.Size)
		if err != nil {
			return fmt.Errorf("%s: tensor %q: %w", path, w.Name, err)
		}
		if sum != w.SHA256 {
			return fmt.Errorf("%s: tensor %q: SHA-256: found %s, want %s", path, w.Name, short(sum), short(w.SHA256))
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
