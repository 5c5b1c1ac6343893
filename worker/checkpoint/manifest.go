package checkpoint

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Format is the version of the layout; a reader takes no other.
const Format = 1

// maxManifest bounds the manifest that is read: some hundred bytes a tensor.
const maxManifest = 64 << 20

// Manifest says what a checkpoint is.
type Manifest struct {
	Format   int               `json:"format"`
	Run      string            `json:"run"`     // the run's name
	Version  string            `json:"version"` // of Rondo
	Step     uint64            `json:"step"`    // updates that have been applied
	Epoch    uint64            `json:"epoch"`
	DataHash string            `json:"data_hash"`       // of the training data
	Bits     map[string]string `json:"bits"`            // the fields of the run file that decide the bits
	Tier     string            `json:"tier,omitempty"`  // what computed it, where that has bits of its own
	Data     json.RawMessage   `json:"data,omitempty"`  // what the training data say of themselves, as the names of classes, or how a text was cut; not in the digest
	Rates    []RateChange      `json:"rates,omitempty"` // learning rates that were set from outside before the step
	Digest   string            `json:"digest"`          // SHA-256, hexadecimal
	Files    []FileInfo        `json:"files"`           // by name
}

// RateChange is a learning rate that was set from outside while the run went on. It counts from the step
// (counting from 0) until the next change.
type RateChange struct {
	Step uint64  `json:"step"`
	LR   float64 `json:"lr,omitempty"` // 0: the schedule's again
}

// FileInfo says what WriteFile wrote.
type FileInfo struct {
	Name    string       `json:"name"`
	Size    int64        `json:"size"`    // bytes
	SHA256  string       `json:"sha256"`  // of the file, hexadecimal
	Tensors []TensorInfo `json:"tensors"` // by name
}

// TensorInfo says what a tensor is.
type TensorInfo struct {
	Name   string            `json:"name"`
	DType  safetensors.DType `json:"dtype"`
	Shape  []int             `json:"shape"`
	SHA256 string            `json:"sha256"` // of its bytes, little-endian, hexadecimal
}

// Check reports a checkpoint that a run of these bits and data cannot go on from: the error names each field that
// differs, with both values. See runfile.Continues.
func (m *Manifest) Check(bits map[string]string, dataHash string) error {
	differ := runfile.Continues(m.Bits, bits, m.Step)
	if m.DataHash != dataHash {
		differ = append(differ, fmt.Sprintf("the data's hash: %s and %s", short(m.DataHash), short(dataHash)))
	}
	if len(differ) == 0 {
		return nil
	}
	advice := "give the run file and data the checkpoint was made with"
	same := func(path string) bool { return m.Bits[path] == bits[path] }
	if !same(runfile.Rounding) && same("model.kind") && same("precision") {
		advice = "go on with the release of Rondo that made the checkpoint: this one adds in another order"
	}
	return fmt.Errorf("checkpoint: %s of run %q and the run file differ in %s; %s, or give another checkpoint.dir",
		DirName(m.Step), m.Run, strings.Join(differ, "; "), advice)
}

// short is enough of a hash to tell it from another.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12] + "…"
	}
	return fmt.Sprintf("%q", hash)
}

// encode is the one form in which a manifest is written.
func (m *Manifest) encode() ([]byte, error) {
	b := &bytes.Buffer{}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// decodeManifest reads a manifest. It takes nothing but what encode writes of a valid one, so a manifest
// that was damaged or edited is found out.
func decodeManifest(text []byte) (*Manifest, error) {
	m := &Manifest{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("not a manifest: %w", err)
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	again, err := m.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(text, again) {
		return nil, fmt.Errorf("not in the form in which manifests are written; was it edited?")
	}
	return m, nil
}

// validate reports a manifest that no checkpoint can have; the error names the field.
func (m *Manifest) validate() error {
	if m.Format != Format {
		return fmt.Errorf("format: found %d, want %d; was it written by another version of Rondo (%q)?", m.Format, Format, m.Version)
	}
	if m.Step > maxStep {
		return fmt.Errorf("step: found %d, want at most %d", m.Step, maxStep)
	}
	for i, r := range m.Rates {
		if i > 0 && m.Rates[i-1].Step >= r.Step || r.Step >= m.Step || !(r.LR >= 0) || math.IsInf(r.LR, 0) {
			return fmt.Errorf("rates: %g from step %d on: want finite rates in the order of their steps, all before step %d", r.LR, r.Step, m.Step)
		}
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("files: none")
	}
	seen := map[string]bool{}
	for i, f := range m.Files {
		if i > 0 && m.Files[i-1].Name >= f.Name {
			return fmt.Errorf("files: %q is not in order, or there twice", f.Name)
		}
		if err := f.validate(); err != nil {
			return fmt.Errorf("file %q: %w", f.Name, err)
		}
		for _, t := range f.Tensors {
			full := groupOf(f.Name) + "/" + t.Name
			if seen[full] {
				return fmt.Errorf("file %q: tensor %q is there twice", f.Name, full)
			}
			seen[full] = true
		}
	}
	if sum := m.digest(); m.Digest != sum {
		return fmt.Errorf("digest: found %s, but that of its tensors is %s", short(m.Digest), short(sum))
	}
	return nil
}

func (f *FileInfo) validate() error {
	if !fileNames.MatchString(f.Name) {
		return fmt.Errorf("name: want one like %s", FileName(Weights))
	}
	if f.Size <= 0 || !isHash(f.SHA256) {
		return fmt.Errorf("size %d and sha256 %s: want a size above 0 and 64 hexadecimal digits", f.Size, short(f.SHA256))
	}
	for i, t := range f.Tensors {
		if i > 0 && f.Tensors[i-1].Name >= t.Name {
			return fmt.Errorf("tensor %q is not in order, or there twice", t.Name)
		}
		if t.Name == "" || t.DType.Size() == 0 || !isHash(t.SHA256) {
			return fmt.Errorf("tensor %q: its name, dtype or sha256 is wrong", t.Name)
		}
	}
	return nil
}

// isHash reports whether s is a SHA-256 as we write it.
func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && s == strings.ToLower(s)
}
