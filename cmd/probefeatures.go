package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
)

// writeFeatures writes the features and labels of the sets: train.features, train.labels and so on in one .safetensors,
// or each in a .npy of its own, as FILE-train-features.npy. It returns the names of the files, and of those of
// an earlier call that it has removed: their sets are not among these.
func writeFeatures(path string, r *probed, sets probe.Sets) (names, removed []string, err error) {
	var tensors []safetensors.Tensor
	for i, set := range []*probe.Set{sets.Train, sets.Valid, sets.Test} {
		if set == nil {
			continue
		}
		x, labels := set.X.(probe.Dense), make([]byte, len(set.Positive))
		for k, p := range set.Positive {
			if p {
				labels[k] = 1
			}
		}
		tensors = append(tensors, safetensors.Tensor{Name: probeSets[i] + ".features", Shape: []int{x.Rows, x.Cols}, Data: x.Data[:x.Rows*x.Cols]},
			safetensors.Tensor{Name: probeSets[i] + ".labels", Shape: []int{len(labels)}, Data: labels})
	}
	if filepath.Ext(path) == ".safetensors" {
		about := map[string]string{"run": r.Run, "step": strconv.FormatUint(r.Step, 10), "state": r.State, "cleaned": r.Cleaned}
		_, err := writeWhole(path, func(w io.Writer) error { return safetensors.Write(w, tensors, about) })
		return []string{path}, nil, err
	}
	file := func(tensor string) string {
		return strings.TrimSuffix(path, ".npy") + "-" + strings.ReplaceAll(tensor, ".", "-") + ".npy"
	}
	for _, t := range tensors {
		name := file(t.Name)
		if _, err := writeWhole(name, func(w io.Writer) error { return numpy.WriteTensor(w, t) }); err != nil {
			return names, nil, err
		}
		names = append(names, name)
	}
	for _, set := range probeSets { // those of an earlier call may be of a set that this one does not have
		for _, what := range []string{".features", ".labels"} {
			name := file(set + what)
			if slices.Contains(names, name) {
				continue
			}
			if err := os.Remove(name); err == nil {
				removed = append(removed, name)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return names, removed, err
			}
		}
	}
	return names, removed, nil
}

// readFeatures reads what writeFeatures wrote.
func readFeatures(path string) (sets probe.Sets, r *probed, err error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return sets, nil, err
	}
	defer f.Close()
	about := f.Metadata()
	r = &probed{Run: about["run"], State: about["state"], Cleaned: about["cleaned"], unknown: about["run"] == ""}
	if r.unknown {
		r.Run = strings.TrimSuffix(filepath.Base(path), ".safetensors")
	}
	r.Step, _ = strconv.ParseUint(about["step"], 10, 64) // 0 of other programs' files
	for i, name := range probeSets {
		if _, ok := f.Info(name + ".features"); !ok {
			continue
		}
		x, positive, err := readSet(f, name)
		if err != nil {
			return sets, nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
		r.put(&sets, i, x, positive)
	}
	if sets.Train == nil {
		return sets, nil, fmt.Errorf("%s: no tensor train.features; want those of --features", path)
	}
	_, cols := sets.Train.X.Size()
	for i, set := range []*probe.Set{sets.Valid, sets.Test} {
		if set == nil {
			continue
		}
		if _, n := set.X.Size(); n != cols {
			return sets, nil, fmt.Errorf("%s: %s has %d units, and train %d", path, probeSets[i+1], n, cols)
		}
	}
	return sets, r, nil
}

func readSet(f *safetensors.File, name string) (x tensor.Matrix, positive []bool, err error) {
	features, err := f.Read(name + ".features")
	if err != nil {
		return x, nil, err
	}
	values, ok := features.Data.([]float32)
	if !ok || len(features.Shape) != 2 || features.Shape[0] < 1 || features.Shape[1] < 1 {
		return x, nil, fmt.Errorf("features are %v of %v, want F32 of [texts, units]", features.DType(), features.Shape)
	}
	x = tensor.Of(values, features.Shape[0], features.Shape[1])
	labels, err := f.Read(name + ".labels")
	if err != nil {
		return x, nil, err
	}
	if len(labels.Shape) != 1 || labels.Shape[0] != x.Rows {
		return x, nil, fmt.Errorf("labels are %v, want [%d]", labels.Shape, x.Rows)
	}
	positive = make([]bool, x.Rows)
	for i := range positive {
		switch labels.At(i) {
		case 1:
			positive[i] = true
		case 0:
		default:
			return x, nil, fmt.Errorf("label %d is %g; 0 or 1 is wanted", i+1, labels.At(i))
		}
	}
	if n := countTrue(positive); n == 0 || n == len(positive) {
		return x, nil, errors.New("all texts have one label; both are wanted")
	}
	return x, positive, probe.Dense{Matrix: x}.Check()
}
