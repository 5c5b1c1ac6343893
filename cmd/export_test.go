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
	sound := newModel(t, nil, "model.kind=sound-classifier")
	none := filepath.Join(t.TempDir(), "none.onnx")
	if status, out := run(sound, "--onnx", none); status != exitFailed || !strings.Contains(out, "(mel)") {
		t.Errorf("status %d: %s", status, out)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a file of a network that cannot be exported")
	}
	if status, out := run(dir); status != exitUsage || !strings.Contains(out, "--onnx FILE is needed") {
		t.Errorf("status %d: %s", status, out)
	}
}
