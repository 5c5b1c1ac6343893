package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// points reads the points, and says in which directory their layouts may be kept ("": none).
func (o *projectFlags) points(ctx context.Context, source string) (set *projector.Set, home string, err error) {
	if !runfile.Stored(source) && isProjector(source) {
		if o.of != "" || o.features != "" {
			return nil, "", &usageError{fmt.Errorf("--of and --features are of checkpoints, and %s has points of its own", source)}
		}
		set, err = projector.Read(source)
		if err != nil {
			return nil, "", err
		}
		o.cut(set)
		return set, "", projection.Check(set.Points)
	}
	m, dir, err := findCheckpoint(source)
	if err != nil {
		return nil, "", err
	}
	if !runfile.Stored(dir) {
		home = filepath.Dir(dir)
	}
	if o.features != "" {
		set, err = o.featurePoints(ctx, dir, m, func(int, int) {})
	} else {
		set, err = o.weightPoints(dir, m)
	}
	if err != nil {
		return nil, "", err
	}
	if err := projection.Check(set.Points); err != nil {
		return nil, "", fmt.Errorf("%s: %w", set.Name, err)
	}
	return set, home, nil
}

// isProjector says whether a path names points of a file.
func isProjector(path string) bool {
	switch filepath.Ext(path) {
	case ".pbtxt", ".json", ".tsv":
		return true
	}
	for _, name := range []string{"projector_config.pbtxt", "projector_config.json"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return true
		}
	}
	return false
}

// cut leaves the first points that are asked for.
func (o *projectFlags) cut(s *projector.Set) {
	if s.Points.Rows <= o.most {
		return
	}
	s.Points = tensor.Of(s.Points.Data[:o.most*s.Points.Cols], o.most, s.Points.Cols)
	for c := range s.Values {
		s.Values[c] = s.Values[c][:o.most]
	}
	s.Bookmarks = nil // they tell of all
}

// weightPoints are the rows of a weight.
func (o *projectFlags) weightPoints(dir string, m *checkpoint.Manifest) (*projector.Set, error) {
	snap, err := checkpoint.Load(checkpoint.Files{}, objects.Dir(dir), m, checkpoint.Weights)
	if err != nil {
		return nil, err
	}
	t, err := chooseWeight(snap.Tensors(checkpoint.Weights), o.of)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	rows := t.Shape[0]
	cols := t.Len() / max(rows, 1)
	x := tensor.NewMatrix(rows, cols)
	for i := range x.Data {
		x.Data[i] = float32(t.At(i))
	}
	set := &projector.Set{Name: t.Name, Points: x}
	set.Columns, set.Values = []string{"label"}, [][]string{rowLabels(m, rows)}
	o.cut(set)
	return set, nil
}

// chooseWeight finds the weight of that name, or else an embedding, or else the last matrix.
func chooseWeight(all []safetensors.Tensor, name string) (*safetensors.Tensor, error) {
	var names []string
	var last, embedding *safetensors.Tensor
	for i := range all {
		t := &all[i]
		if len(t.Shape) < 2 || t.Shape[0] < 2 || t.Len() == 0 {
			if t.Name == name {
				return nil, fmt.Errorf("%s is %v, and has no rows to be points", name, t.Shape)
			}
			continue
		}
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
		if len(t.Shape) == 2 {
			last = t
			if embedding == nil && isEmbedding(t.Name) {
				embedding = t
			}
		}
	}
	switch {
	case name != "":
		return nil, fmt.Errorf("no weight %s; there are %s", name, strings.Join(names, ", "))
	case embedding != nil:
		return embedding, nil
	case last != nil:
		return last, nil
	}
	return nil, fmt.Errorf("no weight is a matrix; name one by --of: %s", strings.Join(names, ", "))
}

// isEmbedding says whether a weight is one, by its name.
func isEmbedding(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	return first == "embedding" || first == "encoder"
}

// rowLabels are what the rows of a weight stand for: words or classes of the training data, if there are as many;
// bytes, if there are 256; else their numbers.
func rowLabels(m *checkpoint.Manifest, rows int) []string {
	var s samples.Schema
	if len(m.Data) > 0 && json.Unmarshal(m.Data, &s) == nil {
		for _, p := range s.Parts {
			if len(p.Classes) == rows {
				return p.Classes
			}
		}
	}
	labels := make([]string, rows)
	for i := range labels {
		labels[i] = strconv.Itoa(i)
		if rows == 256 {
			labels[i] = strings.Trim(strconv.Quote(string([]byte{byte(i)})), `"`)
		}
	}
	return labels
}
