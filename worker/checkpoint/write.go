package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"syscall"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// ErrCommitted is the answer to writing a checkpoint that is there already. Equal runs have equal
// checkpoints, so whoever meets it may take that one for the one it meant to write.
var ErrCommitted = errors.New("this checkpoint is committed already")

// FileContent is what goes into one file.
type FileContent struct {
	Name    string // FileName or PartName of a group
	Tensors []safetensors.Tensor
}

// WriteFile writes one file of the checkpoint of a step below dir, which is made if need be. When it
// returns the file is durable, but belongs to a checkpoint only once that is committed. Several workers may
// write files of one checkpoint at once, each a file of its own. On an error nothing that was committed has
// changed.
func WriteFile(fs FS, dir string, step uint64, file FileContent) (FileInfo, error) {
	info := FileInfo{Name: file.Name}
	if !fileNames.MatchString(file.Name) || step > maxStep {
		return info, fmt.Errorf("checkpoint: no file %q at step %d: want one like %s and a step of at most %d",
			file.Name, step, FileName(Weights), maxStep)
	}
	stepDir := objects.Join(dir, DirName(step))
	if err := uncommitted(fs, stepDir); err != nil {
		return info, err
	}
	if err := MakeDir(fs, stepDir); err != nil {
		return info, fmt.Errorf("checkpoint: %w; can the directory be written?", err)
	}
	h := sha256.New()
	err := replace(fs, stepDir, file.Name, func(w io.Writer) error {
		counted := &counter{w: io.MultiWriter(w, h)}
		ordered, err := safetensors.WriteHeader(counted, file.Tensors, map[string]string{"format": "pt", "step": fmt.Sprint(step)})
		if err == nil {
			info.Tensors, err = writeTensors(counted, ordered)
		}
		info.Size = counted.n
		return err
	})
	info.SHA256 = hex.EncodeToString(h.Sum(nil))
	return info, err
}

// Commit makes a checkpoint of the files that have been written: it seals the manifest and puts it into
// place. On an error the checkpoint may be there or not, and Newest tells; any before it are untouched.
func Commit(fs FS, dir string, m *Manifest) error {
	m.Seal()
	if err := m.validate(); err != nil {
		return fmt.Errorf("checkpoint: manifest of step %d: %w", m.Step, err)
	}
	stepDir := objects.Join(dir, DirName(m.Step))
	if err := uncommitted(fs, stepDir); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := checkSize(fs, stepDir, f); err != nil {
			return err
		}
	}
	text, err := m.encode()
	if err == nil {
		_, err = decodeManifest(text) // what cannot be read back must not be put into place
	}
	if err != nil {
		return fmt.Errorf("checkpoint: manifest of step %d: %w", m.Step, err)
	}
	err = replace(fs, stepDir, manifestName, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	if err := fs.SyncDir(dir); err != nil {
		return fmt.Errorf("checkpoint: %s: %w", dir, err)
	}
	if p, ok := fs.(putter); ok && objects.Named(dir) {
		p.point(dir, m.Step)
	}
	return nil
}

// uncommitted answers ErrCommitted when there is a manifest in stepDir.
func uncommitted(fs FS, stepDir string) error {
	path := objects.Join(stepDir, manifestName)
	r, err := fs.Open(path)
	if err == nil {
		return errors.Join(fmt.Errorf("checkpoint: %s: %w", stepDir, ErrCommitted), r.Close())
	}
	if errors.Is(err, iofs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("checkpoint: %w", err)
}

// replace writes a file under a temporary name, syncs it, renames it into place and syncs the directory.
func replace(fs FS, dir, name string, write func(io.Writer) error) error {
	path := objects.Join(dir, name)
	if objects.Named(dir) {
		return putRemote(fs, path, name == manifestName, write)
	}
	f, err := fs.Create(path + temporary)
	if err != nil {
		return fmt.Errorf("checkpoint: %w; can the directory be written?", err)
	}
	b := bufio.NewWriterSize(f, bufferSize)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = fs.Rename(path+temporary, path)
	}
	if err != nil {
		// Whether the leftover goes matters little: nothing reads it, and Rotate removes it.
		_ = fs.Remove(path + temporary)
		return fmt.Errorf("checkpoint: writing %s: %w; %sthe checkpoints before are untouched", path, err, remedy(err))
	}
	if err := fs.SyncDir(dir); err != nil {
		return fmt.Errorf("checkpoint: syncing %s: %w", dir, err)
	}
	return nil
}

// putter is an FS that has objects of stores too.
type putter interface {
	put(path string, fresh bool, write func(io.Writer) error) error
	point(dir string, step uint64)
}

// putRemote makes an object of what write writes. A manifest that is there stays: the checkpoint is committed.
func putRemote(fs FS, path string, manifest bool, write func(io.Writer) error) error {
	p, ok := fs.(putter)
	if !ok {
		return fmt.Errorf("checkpoint: %s is not a path of this file system", path)
	}
	err := p.put(path, manifest, write)
	switch {
	case err == nil:
		return nil
	case manifest && errors.Is(err, iofs.ErrExist):
		return fmt.Errorf("checkpoint: %s: %w", objects.Dir(path), ErrCommitted)
	}
	return fmt.Errorf("checkpoint: %w; the checkpoints before are untouched", err)
}

// remedy is what to do about an error of writing.
func remedy(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there; "
	}
	return ""
}

// MakeDir makes a directory and those above it, each durable before anything is put in.
func MakeDir(fs FS, path string) error {
	err := fs.Mkdir(path)
	if errors.Is(err, iofs.ErrNotExist) && objects.Dir(path) != path {
		if err := MakeDir(fs, objects.Dir(path)); err != nil {
			return err
		}
		err = fs.Mkdir(path)
	}
	if errors.Is(err, iofs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := fs.SyncDir(objects.Dir(path)); err != nil {
		_ = fs.Remove(path) // so that another try syncs it too
		return err
	}
	return nil
}

// counter counts the bytes that pass.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
