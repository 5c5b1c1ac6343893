package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// TestWeightsNumpy: the published set becomes safetensors, and these the set again, byte by byte.
func TestWeightsNumpy(t *testing.T) {
	const set = "../nn/numpy/testdata/set"
	dir := t.TempDir()
	path, back := filepath.Join(dir, "unit.safetensors"), filepath.Join(dir, "back")
	status, out := weightsCommand(t, "convert", set, path)
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "unit.safetensors: 12 tensors of "+set)
	if status, out = weightsCommand(t, "diff", set, path); status != 0 || out != "the same: 12 tensors\n" {
		t.Error(out)
	}
	status, out = weightsCommand(t, "convert", path, back, "--numpy")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "back: 12 tensors of "+path)
	ours := numpy.Files(back)
	for i, path := range numpy.Files(set) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(ours[i]); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, other bytes than %s", ours[i], err, path)
		}
	}
	list := []safetensors.Tensor{{Name: "extra", Shape: []int{1}, Data: []float32{1}}}
	unit, err := numpy.Open(set)
	if err != nil {
		t.Fatal(err)
	}
	defer unit.Close()
	for _, name := range unit.Names() {
		w, err := unit.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, w)
	}
	var more bytes.Buffer
	if err := safetensors.Write(&more, list, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "more.safetensors"), more.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out = weightsCommand(t, "convert", filepath.Join(dir, "more.safetensors"), filepath.Join(dir, "less"), "--numpy", "--skip", "extra")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "left out: extra (--skip)\n")
	for want, words := range map[string][]string{
		"no tensor encoder.weight: the set is of a charlm of one mlstm layer": {torchFiles + "plain.pth", filepath.Join(dir, "x"), "--numpy"},
		"back is there; a new directory is wanted":                            {path, back, "--numpy"},
		"--type f16: --numpy writes f32":                                      {path, filepath.Join(dir, "x"), "--numpy", "--type", "f16"},
	} {
		status, out := weightsCommand(t, append([]string{"convert"}, words...)...)
		if status == 0 {
			t.Errorf("%v: done", words)
		}
		wantText(t, out, want)
	}
}
