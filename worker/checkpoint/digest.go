package checkpoint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sort"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Describe says of tensors in memory what WriteFile would say of them, by name. With it the digest can be
// had without a disk.
func Describe(tensors []safetensors.Tensor) ([]TensorInfo, error) {
	for _, t := range tensors {
		if err := t.Check(); err != nil {
			return nil, err
		}
	}
	return writeTensors(io.Discard, tensors)
}

// writeTensors writes the elements of tensors one after the other, and says of each what was written, by name.
func writeTensors(w io.Writer, tensors []safetensors.Tensor) ([]TensorInfo, error) {
	infos := make([]TensorInfo, 0, len(tensors))
	for _, t := range tensors {
		h := sha256.New()
		if err := t.WriteData(io.MultiWriter(w, h)); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		infos = append(infos, TensorInfo{
			Name: t.Name, DType: t.DType(), Shape: append([]int{}, t.Shape...), SHA256: hex.EncodeToString(h.Sum(nil)),
		})
	}
	sort.SliceStable(infos, func(i, j int) bool { return infos[i].Name < infos[j].Name })
	return infos, nil
}

// Seal puts the files in order and fills in Format and Digest, so that the manifest can be committed.
func (m *Manifest) Seal() {
	sort.SliceStable(m.Files, func(i, j int) bool { return m.Files[i].Name < m.Files[j].Name })
	m.Format, m.Digest = Format, m.digest()
}

// digest is the SHA-256 of these lines: the format, the scalars, then each tensor in the order of
// group/name. Names are quoted, so no two checkpoints have the same lines.
func (m *Manifest) digest() string {
	type line struct{ name, rest string }
	var lines []line
	for _, f := range m.Files {
		for _, t := range f.Tensors {
			lines = append(lines, line{groupOf(f.Name) + "/" + t.Name, fmt.Sprintf("%s %v %s", t.DType, t.Shape, t.SHA256)})
		}
	}
	sort.SliceStable(lines, func(i, j int) bool {
		a, b := lines[i], lines[j]
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.rest, b.rest)) < 0
	})
	h := sha256.New()
	fmt.Fprintf(h, "rondo checkpoint %d\nstep %d\nepoch %d\ndata %q\nbits %s\n",
		Format, m.Step, m.Epoch, m.DataHash, runfile.HashBits(m.Bits))
	for _, r := range m.Rates { // most checkpoints have none, and the digests of before
		fmt.Fprintf(h, "rate %d %g\n", r.Step, r.LR)
	}
	for _, l := range lines {
		fmt.Fprintf(h, "%q %s\n", l.name, l.rest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// bufferSize is how much of a file is read or written at once.
const bufferSize = 64 << 10
