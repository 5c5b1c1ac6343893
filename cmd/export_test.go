package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExport(t *testing.T) {
	run := func(words ...string) (int, string) {
		var b bytes.Buffer
		status := Execute(t.Context(), append([]string{"export"}, words...), &b, &b)
		return status, b.String()
	}
	dir, path := newModel(t, nil, "model.kind=lenet5", "model.image=12", "model.classes=3"), filepath.Join(t.TempDir(), "lenet.onnx")
	status, out := run(dir, "--onnx", path)
	text, err := os.ReadFile(path)
	if status != 0 || err != nil || !strings.Contains(out, "lenet5 of step 7") || !bytes.Contains(text, []byte("conv2.weight")) || !bytes.Contains(text, []byte("Gemm")) {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	first, second := filepath.Join(t.TempDir(), "a.onnx"), filepath.Join(t.TempDir(), "b.onnx")
	for _, path := range []string{first, second} {
		status, out = run(dir, "--onnx", path, "--int8", "--calibrate", "generated:train?count=20", "--samples", "18")
		if status != 0 || !strings.Contains(out, "5 layers in eight bits") {
			t.Errorf("status %d: %s", status, out)
		}
	}
	eight, err := os.ReadFile(first)
	again, err2 := os.ReadFile(second)
	if err != nil || err2 != nil || !bytes.Equal(eight, again) || 2*len(eight) > len(text) || !bytes.Contains(eight, []byte("QuantizeLinear")) {
		t.Errorf("%v, %v: %d and %d bytes in eight bits, %d in float32", err, err2, len(eight), len(again), len(text))
	}
	text = nil
	if status, out = run(newModel(t, nil, "model.kind=charlm", "model.hidden=8", "batch.length=1"), "--onnx", path); status == 0 {
		text, err = os.ReadFile(path)
	}
	if status != 0 || err != nil || !bytes.Contains(text, []byte("time")) {
		t.Errorf("a network of texts that learnt a byte at a time has no dimension of time (status %d, %v): %s", status, err, out)
	}
	sound := newModel(t, nil, "model.kind=sound-classifier")
	none := filepath.Join(t.TempDir(), "none.onnx")
	if status, out := run(sound, "--onnx", none); status != exitFailed || !strings.Contains(out, "(mel)") {
		t.Errorf("status %d: %s", status, out)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a file of a network that cannot be exported")
	}
	for want, words := range map[string][]string{
		"--int8 needs --calibrate":        {"--int8"},
		"give --int8, too":                {"--calibrate", "somewhere"},
		"--samples is about ranges":       {"--samples", "5"},
		"--share is about ranges":         {"--share", "1"},
		"--samples 0: at least 1":         {"--int8", "--calibrate", "somewhere", "--samples", "0"},
		"--entropy is about ranges":       {"--entropy"},
		"--entropy and --share are two":   {"--int8", "--calibrate", "somewhere", "--entropy", "--share", "1"},
		"--share 2: above 0.5":            {"--int8", "--calibrate", "somewhere", "--share", "2"},
		"--calibrate: ":                   {"--int8", "--calibrate", "nowhere"},
		"images of 28x28 with 1 channels": {"--int8", "--calibrate", pictureSet(t)},
	} {
		if status, out := run(append([]string{dir, "--onnx", none}, words...)...); status == 0 || !strings.Contains(out, want) {
			t.Errorf("%v: status %d: %s, want %s", words, status, out, want)
		}
	}
	texts := newModel(t, nil, "model.kind=charlm")
	if status, out := run(texts, "--onnx", none, "--int8", "--calibrate", "x"); status == 0 || !strings.Contains(out, "goes on with texts") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, out := run(dir); status != exitUsage || !strings.Contains(out, "--onnx FILE is needed") {
		t.Errorf("status %d: %s", status, out)
	}
}

// Weights of others are exported as a checkpoint is; what the preset wants of pixels stands in the metadata.
func TestExportOthers(t *testing.T) {
	run := func(words ...string) (int, string) {
		var b bytes.Buffer
		status := Execute(t.Context(), append([]string{"export"}, words...), &b, &b)
		return status, b.String()
	}
	small := []string{"model.width=0.125", "model.classes=3"}
	weights := othersWeights(t, "resnet18", small...)
	others := []string{"--kind", "resnet18", "--weights", weights, "--set", small[0], "--set", small[1]}
	path := filepath.Join(t.TempDir(), "resnet.onnx")
	status, out := run(append(others, "--preset", "IMAGENET1K_V1", "--onnx", path)...)
	text, err := os.ReadFile(path)
	if status != 0 || err != nil || !strings.Contains(out, "resnet18 of "+weights) || !bytes.Contains(text, []byte("layer4.1.conv2.weight")) || !bytes.Contains(text, []byte("0.485,0.456,0.406")) {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	status, out = run(append(others, "--onnx", path, "--set", "model.image=32", "--int8", "--calibrate", "generated:train?count=20", "--samples", "18")...)
	eight, err := os.ReadFile(path)
	if status != 0 || err != nil || 2*len(eight) > len(text) || bytes.Contains(eight, []byte("0.485")) || bytes.Contains(eight, []byte("step")) {
		t.Errorf("status %d, %v, %d bytes, %d in float32: %s", status, err, len(eight), len(text), out)
	}
	caffe := othersWeights(t, "bninception", small...)
	status, out = run("--kind", "bninception", "--weights", caffe, "--set", small[0], "--set", small[1], "--preset", "bninception", "--onnx", path)
	if text, err = os.ReadFile(path); status != 0 || err != nil || !bytes.Contains(text, []byte("BGR")) {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	dir := newModel(t, nil, "model.kind=lenet5", "model.image=12", "model.classes=3")
	for want, words := range map[string][]string{
		"--kind without --weights":     {"--kind", "resnet18"},
		"--weights without --kind":     {"--weights", weights},
		"two networks":                 append([]string{dir}, others...),
		"--preset is for --kind":       {dir, "--preset", "IMAGENET1K_V1"},
		"--set is for --kind":          {dir, "--set", "model.classes=3"},
		"or --kind and --weights":      {},
		"in the file, F32[64 3 7 7]":   {"--kind", "resnet18", "--weights", weights},
		`"IMAGENET1K_V3" is no preset`: append(others[:len(others):len(others)], "--preset", "IMAGENET1K_V3"),
		"did you mean resnet18":        {"--kind", "resnet8", "--weights", weights},
	} {
		if status, out := run(append(words, "--onnx", path)...); status == 0 || !strings.Contains(out, want) {
			t.Errorf("%v: status %d: %s, want %s", words, status, out, want)
		}
	}
	if status, out := run(append(others, "--onnx", weights)...); status != exitUsage || !strings.Contains(out, "take the place of its weights") {
		t.Errorf("status %d: %s", status, out)
	}
}
