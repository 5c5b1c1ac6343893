package runfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn"
)

// weightsPath is the field of which Bits have the SHA-256 of the file that it names.
const weightsPath = "model.weights"

// HashWeights reads the file that model.weights names, if it names one, and sets WeightsHash.
func (f *File) HashWeights() error {
	if f.Model.Weights == "" {
		f.Model.WeightsHash = ""
		return nil
	}
	var err error
	f.Model.WeightsHash, err = hashOf(f.Model.Weights)
	return err
}

// hashOf is the SHA-256 of the weights at a path, in hexadecimal: of the file or, one after the other, of several.
func hashOf(path string) (string, error) {
	h := sha256.New()
	for _, file := range nn.WeightsFiles(path) {
		if err := addTo(h, file); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// OpenWeights opens the weights at a path as [nn.OpenWeights] does, or at an address in an object store, as
// s3://bucket/weights.safetensors. The caller closes them.
func OpenWeights(path string) (nn.WeightsFile, error) {
	if !Stored(path) {
		return nn.OpenWeights(path)
	}
	o, err := objects.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	return nn.NewWeights(path, objects.NewAhead(o), o.Size())
}

// addTo adds a file, or an object of a store, to a hash.
func addTo(h io.Writer, path string) error {
	if Stored(path) {
		o, err := objects.Open(context.Background(), path)
		if err != nil {
			return err
		}
		_, err = io.Copy(h, io.NewSectionReader(objects.NewAhead(o), 0, o.Size()))
		return err
	}
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case stat.IsDir() && newestWeights(path) != "":
		return fmt.Errorf("%s is a directory; its newest weights are %s", path, newestWeights(path))
	case !stat.Mode().IsRegular(): // reading from a pipe could last
		return fmt.Errorf("%s is not a regular file", path)
	}
	r, err := os.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(h, r)
	return err
}

// newestWeights is the file of weights of a checkpoint, or of the newest of a run, at a directory, or "".
func newestWeights(dir string) string {
	const name = "weights.safetensors"
	if own := filepath.Join(dir, name); exists(own) {
		return own
	}
	list, err := filepath.Glob(filepath.Join(escaped.Replace(dir), "step-*", "manifest.json")) // written last
	if err != nil || len(list) == 0 {
		return ""
	}
	return filepath.Join(filepath.Dir(list[len(list)-1]), name) // steps have as many digits
}

// escaped takes their meaning from the letters of a path that have one in a pattern.
var escaped = strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Skips are the names of WeightsSkip.
func (m Model) Skips() nn.Names { return names(m.WeightsSkip) }

// Frozen are the names of Freeze.
func (m Model) Frozen() nn.Names { return names(m.Freeze) }

// Factors are those of Rates.
func (m Model) Factors() nn.Factors {
	factors, _ := nn.ParseFactors(m.Rates) // checked with the file
	return factors
}

func names(text string) nn.Names {
	list, _ := nn.ParseNames(text) // checked with the file
	return list
}

func wantWeights(s string) string {
	if Stored(s) {
		return wantStored(s)
	}
	if scheme := Scheme(s); scheme != "" {
		return "a file of weights: " + NoAddress(scheme)
	}
	return ""
}

func wantNames(s string) string {
	if _, err := nn.ParseNames(s); err != nil {
		return "beginnings of names of weights: " + err.Error()
	}
	return ""
}

func wantFactors(s string) string {
	if _, err := nn.ParseFactors(s); err != nil {
		return "factors by names of weights: " + err.Error()
	}
	return ""
}
