package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/cmd/bench"
)

func TestBenchModels(t *testing.T) {
	run := func(words ...string) (int, string) {
		var b bytes.Buffer
		status := Execute(t.Context(), append([]string{"bench", "--models"}, words...), &b, &b)
		return status, b.String()
	}
	var r bench.Report
	status, out := run("lenet5", "scheme", "--json")
	if err := json.Unmarshal([]byte(out), &r); status != 0 || err != nil || len(r.Models) != 2 || r.Models[0].Rate <= 0 || r.Models[0].Parameters != 61_706 {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	status, out = run("lenet5", "--set", "model.image=40", "--json")
	if err := json.Unmarshal([]byte(out), &r); status != 0 || err != nil || !slices.Equal(r.Models[0].Input, []int{1, 40, 40}) {
		t.Errorf("of 40 pixels: status %d, %v: %s", status, err, out)
	}
	for want, words := range map[string][]string{
		"model.imag\"":                      {"lenet5", "--set", "model.imag=40"},
		"did you mean":                      {"lenet"},
		"--only: ":                          {"lenet5", "--only", "ring"},
		"--out: ":                           {"lenet5", "--out", "/dev/null/x"},
		"--out: --set makes other networks": {"resnet18", "--set", "model.image=64", "--out", t.TempDir()},
		"is no directory":                   {"lenet5", "--out", "benchmodels.go"},
		"--nodes: does not":                 {"--nodes", "3"},
	} {
		if status, out := run(words...); status != exitUsage || !strings.Contains(out, want) {
			t.Errorf("%v: status %d: %s", words, status, out)
		}
	}
	var b bytes.Buffer
	if status := Execute(t.Context(), []string{"bench", "run.yaml", "--out", "pictures"}, &b, &b); status != exitUsage || !strings.Contains(b.String(), "--out: is for --models") {
		t.Errorf("pictures of a run file, status %d: %s", status, b.String())
	}
	if !rated("seresnet50") || rated("lenet5") {
		t.Error("the kinds with a published accuracy are others")
	}
	if kinds, err := benchedKinds(nil, nil); err != nil || len(kinds) < 2 {
		t.Errorf("kinds with a published accuracy: %v, %v", kinds, err)
	}
}

func TestDrawModels(t *testing.T) {
	dir := t.TempDir()
	models := []bench.Model{
		{Kind: "resnet18", Parameters: 11_689_512, MultiplyAdds: 1_814_000_000, Top1: 69.8, Rate: 20, Seconds: 0.05},
		{Kind: "resnet50", Parameters: 25_557_032, MultiplyAdds: 4_089_000_000, Top1: 80.9, Rate: 9, Seconds: 0.11},
		{Kind: "lenet5", Parameters: 61_706, MultiplyAdds: 416_520, Rate: 9000, Seconds: 0.0001},
	}
	if err := drawModels(dir, models); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"models-speed", "models-operations"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		if err != nil || !strings.Contains(string(text), ">resnet50<") || strings.Contains(string(text), "lenet5") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if _, err := os.Stat(filepath.Join(dir, name+".png")); err != nil {
			t.Error(err)
		}
	}
	text := modelsText(models)
	if first := strings.Index(text, "lenet5"); first < 0 || first > strings.Index(text, "resnet18") || strings.Index(text, "resnet18") > strings.Index(text, "resnet50") {
		t.Errorf("the fastest is not first:\n%s", text)
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(line)); n > 108 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}
