package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/memory"
	"github.com/rondo-ml/rondo/nn/summary"
	"github.com/rondo-ml/rondo/nn/zoo"
)

func models(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"models"}, words...), &b, &b)
	return status, b.String()
}

func TestModels(t *testing.T) {
	status, out := models(t)
	for line := range strings.Lines(out) {
		if n := len([]rune(line)) - 1; n > 100 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, kind := range zoo.Names() {
		if !strings.Contains(out, "\n  "+kind+" ") {
			t.Errorf("the table lacks %s", kind)
		}
	}
	if status != 0 || !strings.Contains(out, "61,706") || !strings.Contains(out, "435") || !strings.Contains(out, "--time measures") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, out := models(t, "lenet5", "--batch", "2"); status != 0 || !strings.Contains(out, "61,706") || !strings.Contains(out, "of 2 samples") {
		t.Errorf("a step of another size, status %d: %s", status, out)
	}
	status, out = models(t, "lenet5")
	if status != 0 || !strings.Contains(out, "model.classes") || strings.Contains(out, "model.layers") {
		t.Errorf("fields of one kind, status %d: %s", status, out)
	}
	if strings.Contains(out, "weights \"") || !strings.Contains(out, "\npaper: LeCun, Bottou, Bengio and Haffner (1998)") {
		t.Errorf("what is published: %s", out)
	}
	status, out = models(t, "seresnet50")
	for _, want := range []string{"\npaper: Hu, Shen and Sun (2018)", "\nnames and shapes of weights: timm seresnet50\nby default: 28,088,024 parameters, 4.092·10⁹ multiply-adds\n",
		"\nweights \"timm seresnet50.ra2_in1k\": 80.26 % right (top-1), resize 256 bicubic, crop 224, mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225\n", "303 bicubic, crop 288"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d, no %q in\n%s", status, want, out)
		}
	}
	if status, out = models(t, "scheme"); status != 0 || strings.Contains(out, "paper") {
		t.Errorf("status %d, a paper of %s", status, out)
	}
	var rows []modelRow
	status, out = models(t, "lenet5", "--time", "--batch", "2", "--json")
	if err := json.Unmarshal([]byte(out), &rows); status != 0 || err != nil || len(rows) != 1 || rows[0].Seconds <= 0 || rows[0].Batch != 2 || rows[0].Input != "1x28x28" {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
}

func TestModelsSummary(t *testing.T) {
	status, out := models(t, "scheme", "--summary", "--set", "model.layers=INPUT -> [CONV -> RELU -> POOL]*2 -> FC")
	if status != 0 || !strings.Contains(out, "32x28x28") || !strings.Contains(out, "64x7x7") || !strings.Contains(out, "50,186") {
		t.Errorf("status %d: %s", status, out)
	}
	status, out = models(t, "scheme", "--summary", "--set", "model.layers=INPUT -> [CONV 8 -> RELU -> POOL]*2 -> FC")
	for _, want := range []string{"scheme reads image 1x28x28\n", "layers.5", "8x7x7", "max pool", "together"} {
		if !strings.Contains(out, want) {
			t.Errorf("status %d, no %q in\n%s", status, want, out)
		}
	}
	var s summary.Summary
	status, out = models(t, "charlm", "--summary", "--json", "--set", "batch.length=5", "--set", "model.cell=gru")
	if err := json.Unmarshal([]byte(out), &s); status != 0 || err != nil || s.Steps != 5 || !slices.ContainsFunc(s.Layers, func(l summary.Layer) bool { return l.Kind == "gru" }) {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	path := filepath.Join(t.TempDir(), "graph.svg")
	status, out = models(t, "resnet-small", "--svg", path)
	text, err := os.ReadFile(path)
	if status != 0 || err != nil || !strings.Contains(string(text), ">layer3.2.add<") || !strings.Contains(out, "layers of resnet-small") {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
}

// TestModelsMemory plans a network whose memory is counted by hand in package memory.
func TestModelsMemory(t *testing.T) {
	words := []string{"scheme", "--memory", "--set", "model.layers=conv 4 → relu → pool → conv 8 1x1 → mean → fc", "--set", "model.height=8", "--set", "model.width=8", "--set", "model.channels=3"}
	status, out := models(t, words...)
	for _, want := range []string{"scheme asked of 1 sample", "conv2d + relu   4x8x8     1.0 kB     1.8 kB          ↓", "8x4x4", "1.6 kB",
		"peak                1.8 kB     at layers.0: 3x8x8 768 bytes, 4x8x8 1.0 kB", "no order needs less", "at layers.0 to layers.3"} {
		if !strings.Contains(out, want) {
			t.Errorf("status %d, no %q in\n%s", status, want, out)
		}
	}
	for line := range strings.Lines(out) {
		if n := len([]rune(line)) - 1; n > 100 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	var p memory.Plan
	status, out = models(t, append(words, "--json", "--batch", "3")...)
	if err := json.Unmarshal([]byte(out), &p); status != 0 || err != nil || p.Rows != 3 || p.Peak.Bytes != 3*4*(3+4)*64 || p.Moments[0].Kind != "conv2d + relu" {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	path := filepath.Join(t.TempDir(), "memory.svg")
	status, out = models(t, append(words, "--svg", path)...)
	text, err := os.ReadFile(path)
	if status != 0 || err != nil || !strings.Contains(string(text), ">layers.3<") || !strings.Contains(out, "channel by channel") || strings.Contains(out, "alive") {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
}

func TestModelsRefusals(t *testing.T) {
	for _, c := range []struct {
		want  string
		words []string
	}{
		{"did you mean lenet5", []string{"lenet"}},
		{"of one KIND", []string{"--summary"}},
		{"of one KIND", []string{"lenet5", "resnet18", "--svg", "x.svg"}},
		{"--memory is of one KIND", []string{"--memory"}},
		{"two tables", []string{"lenet5", "--memory", "--summary"}},
		{"--time is for the table", []string{"lenet5", "--memory", "--time"}},
		{"12 pixels or more", []string{"lenet5", "--memory", "--set", "model.image=3"}},
		{"for one KIND", []string{"--set", "model.classes=3"}},
		{"from 1 to 4096", []string{"--batch", "0"}},
		{"--svg x.pdf: pictures are written as .png or .svg", []string{"lenet5", "--svg", "x.pdf"}},
		{"--svg \"s3://bucket/x.svg\": a path of this machine", []string{"lenet5", "--svg", "s3://bucket/x.svg"}},
		{"lenet5 reads classes, image, channels", []string{"lenet5", "--summary", "--set", "model.hidden=3"}},
		{"12 pixels or more", []string{"lenet5", "--summary", "--set", "model.image=3"}},
		{"12 pixels or more", []string{"lenet5", "--set", "model.image=3"}},
		{"batch.length: found 0", []string{"charlm", "--summary", "--set", "batch.length=0"}},
		{"batch.length: found 1000000000000", []string{"charlm", "--set", "batch.length=1000000000000"}},
		{"batch.length: ", []string{"lenet5", "--set", "batch.length=3"}},
		{"--svg '': name a file", []string{"lenet5", "--svg", ""}},
		{"there is one of lenet5 (did you mean lenet5?), alexnet, ", []string{"lenet6"}},
		{"model.layers: ", []string{"scheme", "--summary", "--set", "model.layers=conv 0"}},
	} {
		if status, out := models(t, c.words...); status != exitUsage || !strings.Contains(out, c.want) || strings.Count(out, "\n") > 2 {
			t.Errorf("%v: status %d: %s", c.words, status, out)
		}
	}
}

// A directory that is not there is named, without the name that a picture has while it is written.
func TestModelsDrawNowhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "no")
	status, out := models(t, "lenet5", "--svg", filepath.Join(dir, "x.svg"))
	if status != exitFailed || !strings.Contains(out, "x.svg: there is no directory "+dir+"; make it first") || strings.Contains(out, ".part") {
		t.Errorf("status %d: %s", status, out)
	}
}

// The presets of a network with a backbone are the backbone's.
func TestModelsBackbone(t *testing.T) {
	if _, out := models(t, "features"); !strings.Contains(out, "those of the backbone: rondo models resnet50 lists them") {
		t.Error(out)
	}
}

// TestModelsStopped wants no half a table, and no row that is called a failure.
func TestModelsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b bytes.Buffer
	if status := Execute(ctx, []string{"models", "lenet5", "scheme", "--time"}, &b, &b); status == 0 || strings.Contains(b.String(), "parameters") {
		t.Errorf("status %d: %s", status, b.String())
	}
}

// TestEdges leads what reads a layer further up past those between, each lane free where it is taken.
func TestEdges(t *testing.T) {
	s := &summary.Summary{Inputs: []summary.Input{{Name: "image"}}, Layers: []summary.Layer{
		{Name: "a", Inputs: []string{"image"}}, {Name: "b", Inputs: []string{"a"}}, {Name: "c", Inputs: []string{"b", "image"}},
		{Name: "d", Inputs: []string{"c", "a"}}, {Name: "e", Inputs: []string{"d", "c"}},
	}}
	edges, lanes := edgesOf(s)
	want := []edge{{0, 1, 0}, {1, 2, 0}, {2, 3, 0}, {0, 3, 1}, {3, 4, 0}, {1, 4, 2}, {4, 5, 0}, {3, 5, 1}}
	if lanes != 2 || !slices.Equal(edges, want) {
		t.Errorf("%d lanes, %v", lanes, edges)
	}
}
