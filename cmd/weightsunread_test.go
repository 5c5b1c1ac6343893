package cmd

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Tensors of kinds that are not read are said to be there, with what to save in their place.
func TestWeightsUnread(t *testing.T) {
	const what = "f8: not compared: a tensor of float8_e4m3fn (not read; save tensor.float() in its place) in the first"
	status, out := weightsCommand(t, "diff", torchFiles+"kinds.pth", torchFiles+"kinds.pth")
	wantText(t, out, what, "sparse: not compared: a sparse tensor (not read; save tensor.to_dense() in its place)",
		"quantized: not compared: a quantized tensor (not read; save tensor.dequantize() in its place)", "8 of 9 tensors differ")
	if status != exitFailed {
		t.Errorf("exit %d", status)
	}
	status, out = weightsCommand(t, "show", torchFiles+"kinds.pth", "--names", "f8")
	wantText(t, out, "--names f8: f8 is a tensor of float8_e4m3fn (not read; save tensor.float() in its place)")
	if status != exitUsage {
		t.Errorf("exit %d", status)
	}
	path := filepath.Join(t.TempDir(), "a.safetensors")
	writeTensors(t, path, safetensors.Tensor{Name: "f8", Shape: []int{2}, Data: []float32{1, 1}})
	_, out = weightsCommand(t, "diff", path, torchFiles+"kinds.pth")
	wantText(t, out, "f8: not compared: a tensor of float8_e4m3fn (not read; save tensor.float() in its place) in the second")
	_, out = weightsCommand(t, "convert", torchFiles+"kinds.pth", path)
	wantText(t, out, "1 tensor of", "left out: csr: a sparse tensor (not read; save tensor.to_dense() in its place)")
}

// Weights that are not finite are refused by the tensor's name before anything is computed with them.
func TestPredictNotFinite(t *testing.T) {
	small := []string{"model.classes=3", "model.image=12"}
	for what, value := range map[string]float32{"a value that is not a number": float32(math.NaN()), "an infinite value": float32(math.Inf(-1))} {
		weights := othersWeights(t, "lenet5", small...)
		spoil(t, weights, "module.fc2.bias", value)
		flags := []string{"--kind", "lenet5", "--weights", weights, "--set", small[0], "--set", small[1]}
		for _, words := range [][]string{append([]string{"predict", "x.png"}, flags...), append([]string{"export", "--onnx", filepath.Join(t.TempDir(), "x.onnx")}, flags...)} {
			status, out := printedBy(t, words...)
			wantText(t, out, weights+": nn: fc2.bias holds "+what, "take other weights")
			if status != exitFailed {
				t.Errorf("%v: exit %d", words, status)
			}
		}
	}
}

// A run where a file of weights is wanted is told so.
func TestOthersDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, words := range [][]string{{"predict", "x.png"}, {"export", "--onnx", "x.onnx"}} {
		status, out := printedBy(t, append(words, "--kind", "lenet5", "--weights", dir)...)
		wantText(t, out, "--weights "+dir+": a directory, and a file of weights is wanted; a run or checkpoint is given in the place of --kind and --weights")
		if status != exitUsage {
			t.Errorf("%v: exit %d", words, status)
		}
	}
}

// printedBy runs a command and returns its exit status and all that it prints.
func printedBy(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), words, &b, &b)
	return status, b.String()
}

// spoil changes the first value of a tensor in a file.
func spoil(t *testing.T, path, name string, value float32) {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []safetensors.Tensor
	for _, n := range f.Names() {
		tensor, err := f.Read(n)
		if err != nil {
			t.Fatal(err)
		}
		if n == name {
			tensor.Data.([]float32)[0] = value
		}
		list = append(list, tensor)
	}
	writeTensors(t, path, list...)
}
