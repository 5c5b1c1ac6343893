package runfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// weightsFile writes a run file that begins from weights, beside a file of them.
func weightsFile(t *testing.T, content string, more string) string {
	t.Helper()
	dir := t.TempDir()
	weights := filepath.Join(dir, "w.pth")
	if err := os.WriteFile(weights, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "run.yaml")
	text := "model:\n  kind: lenet5\n  weights: " + weights + "\n" + more + "data: {train: x}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWeightsAreBits: what is in the file decides bits, and not where it lies.
func TestWeightsAreBits(t *testing.T) {
	load := func(content string) *File {
		f, err := Load(weightsFile(t, content, "  freeze: conv\n  rates: fc3=2\n  weights_skip: fc3\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b, c := load("one"), load("one"), load("another")
	if a.Model.Weights == b.Model.Weights || a.Hash() != b.Hash() {
		t.Errorf("where the file lies decides bits: %v", Diff(a.Bits(), b.Bits()))
	}
	if diff := Diff(a.Bits(), c.Bits()); len(diff) != 1 || !strings.HasPrefix(diff[0], "model.weights: 7692c3ad") {
		t.Errorf("another file: %v", diff)
	}
	again, err := FromBits("run", a.Bits())
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash() != a.Hash() || again.Model.Weights != "unknown" || again.Model.Freeze != "conv" {
		t.Errorf("of the bits: %+v", again.Model)
	}
	if same, err := Parse("run.yaml", []byte(a.YAML()), nil); err != nil || same.Model.Rates != "fc3=2" || same.Model.Weights != a.Model.Weights {
		t.Errorf("of what is printed: %v", err)
	}
	for path := range Default("x").Bits() {
		if strings.HasPrefix(path, "model.weights") || path == "model.freeze" || path == "model.rates" {
			t.Errorf("%s is among the bits of a run without it", path)
		}
	}
}

func TestWeightsErrors(t *testing.T) {
	good := weightsFile(t, "one", "")
	run := filepath.Join(t.TempDir(), "run [1]")
	for _, step := range []string{"step-000000100", "step-000000300", "step-000000400"} {
		if err := os.MkdirAll(filepath.Join(run, step), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(run, step, "weights.safetensors"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if step == "step-000000400" { // which was not completed
			continue
		}
		if err := os.WriteFile(filepath.Join(run, step, "manifest.json"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, set, want string }{
		{good, "model.weights=" + filepath.Join(t.TempDir(), "none.pth"), `none.pth", want a file that can be read: stat `},
		{good, "model.weights=" + t.TempDir(), "is not a regular file"},
		{good, "model.weights=" + run, "run [1] is a directory; its newest weights are " + filepath.Join(run, "step-000000300", "weights.safetensors")},
		{good, "model.weights=" + filepath.Join(run, "step-000000100"), "its newest weights are " + filepath.Join(run, "step-000000100", "weights.safetensors")},
		{good, "model.weights=s3://b/w.pth", "a file of weights: s3:// cannot be opened"},
		{good, "model.freeze=a,,b", "model.freeze"},
		{good, "model.rates=fc3", `model.rates: found "fc3", want factors by names of weights: "fc3" is no beginning of a name with a factor above 0, as fc.=10`},
		{good, "model.rates=fc3=0", "above 0"},
		{weightsFile(t, "one", "  rates: fc=-1\n"), "seed=1", "run.yaml:4: model.rates"},
	} {
		if _, err := Load(c.path, []string{c.set}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.set, err, c.want)
		}
	}
	if _, err := Load(good, []string{"model.weights=", "model.weights_skip=fc"}); err == nil || !strings.Contains(err.Error(), "nothing: there is no model.weights") {
		t.Errorf("%v", err)
	}
}
