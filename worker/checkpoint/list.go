package checkpoint

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/data/objects"
)

// ErrNone says that a directory holds no checkpoint.
var ErrNone = errors.New("no checkpoint")

// Newest finds the newest committed checkpoint below dir, and its path. Directories without a manifest are
// passed over. The error is ErrNone when there is none; when the newest is damaged it names it, rather than
// quietly going back to one before. Manifest and file sizes are checked here, contents by Load.
func Newest(fs FS, dir string) (*Manifest, string, error) {
	steps, err := list(fs, dir)
	if err != nil {
		return nil, "", err
	}
	for _, step := range slices.Backward(steps) {
		path := objects.Join(dir, DirName(step))
		m, err := Open(fs, path)
		if errors.Is(err, ErrNone) {
			continue
		}
		return m, path, err
	}
	return nil, "", fmt.Errorf("checkpoint: %s: %w", dir, ErrNone)
}

// Open reads the manifest of the checkpoint whose directory is path, and checks its files' sizes. The error
// is ErrNone when it is not committed.
func Open(fs FS, path string) (*Manifest, error) {
	m, err := readManifest(fs, objects.Join(path, manifestName))
	if err != nil {
		return nil, err
	}
	if filepath.Base(path) != DirName(m.Step) {
		return nil, fmt.Errorf("checkpoint: %s: its manifest is of step %d; was it renamed?", path, m.Step)
	}
	for _, f := range m.Files {
		if err := checkSize(fs, path, f); err != nil {
			return nil, fmt.Errorf("%w; the checkpoint is damaged: remove %s to go on from the one before", err, path)
		}
	}
	return m, nil
}

func readManifest(fs FS, path string) (*Manifest, error) {
	r, err := fs.Open(path)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint: %s: %w", objects.Dir(path), ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	size, err := r.Size()
	if err == nil && size > maxManifest {
		err = fmt.Errorf("%d bytes, want at most %d", size, maxManifest)
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(io.NewSectionReader(r, 0, size))
	}
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	m, err := decodeManifest(text)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w; the checkpoint is damaged: remove %s to go on from the one before",
			path, err, objects.Dir(path))
	}
	return m, nil
}

// list gives the steps that have a directory below dir, in order; none when there is no dir.
func list(fs FS, dir string) ([]uint64, error) {
	names, err := fs.ReadDir(dir)
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	var steps []uint64
	for _, name := range names {
		if step, ok := stepOf(name); ok {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

// Status is what OpenAll and VerifyAll find of one directory.
type Status struct {
	Path     string
	Step     uint64
	Manifest *Manifest // nil when it cannot be read
	Err      error     // ErrNone: not committed, which is no fault; nil: whole
}

// OpenAll opens every checkpoint below dir, in order, as [Open] does: contents are not read. The error is of dir itself;
// those of checkpoints are in their Status.
func OpenAll(fs FS, dir string) ([]Status, error) {
	steps, err := list(fs, dir)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, step := range steps {
		s := Status{Path: objects.Join(dir, DirName(step)), Step: step}
		s.Manifest, s.Err = Open(fs, s.Path)
		all = append(all, s)
	}
	return all, nil
}

// VerifyAll is OpenAll that reads every checkpoint to the last byte.
func VerifyAll(fs FS, dir string) ([]Status, error) {
	all, err := OpenAll(fs, dir)
	for i := range all {
		if s := &all[i]; s.Err == nil {
			s.Err = Verify(fs, dir, s.Manifest)
		}
	}
	return all, err
}

// Verify reads every file of a checkpoint below dir and compares it with the manifest, and so the digest
// with what is on disk.
func Verify(fs FS, dir string, m *Manifest) error {
	if err := m.validate(); err != nil {
		return fmt.Errorf("checkpoint: manifest of step %d: %w", m.Step, err)
	}
	for _, f := range m.Files {
		if err := VerifyFile(fs, dir, m.Step, f); err != nil {
			return err
		}
	}
	return nil
}

// Before finds the newest committed checkpoint below dir that has fewer steps. The error is ErrNone when there is none.
// Damaged ones are passed over: any earlier one leads to the same steps.
func Before(fs FS, dir string, step uint64) (*Manifest, error) {
	steps, err := list(fs, dir)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Backward(steps) {
		if s < step {
			if m, err := At(fs, dir, s); err == nil {
				return m, nil
			}
		}
	}
	return nil, fmt.Errorf("checkpoint: %s: %w", dir, ErrNone)
}

// At opens the checkpoint of a step below dir, as Open does.
func At(fs FS, dir string, step uint64) (*Manifest, error) {
	return Open(fs, objects.Join(dir, DirName(step)))
}
