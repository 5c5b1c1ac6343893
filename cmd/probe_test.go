package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func probes(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"probe"}, words...), &b, &b)
	return status, b.String()
}

// sentences is a file of n texts that end as their labels have it.
func sentences(t *testing.T, name string, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("label,sentence\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,number %d is %s\n", i%2, i*i, []string{"bad", "good"}[i%2])
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProbe(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.cell=mlstm", "model.hidden=12", "model.embed=4", "batch.length=8")
	train, valid, test := sentences(t, "train.csv", 60), sentences(t, "valid.csv", 20), sentences(t, "test.csv", 20)
	dir := t.TempDir()
	out, kept := filepath.Join(dir, "report"), filepath.Join(dir, "kept.safetensors")
	words := []string{run, "--data", train, "--valid", valid, "--test", test}
	status, text := probes(t, append(words, "--labels", "11,30", "--draws", "3", "--resamples", "2", "--unit", "5", "--baseline", "--out", out, "--features", kept)...)
	if status != 0 {
		t.Fatal(text)
	}
	wantText(t, text, "test, step 7: rnn.c_l0 of 12 units\n", "train 60 texts, 30 positive; valid 20 texts, 10 positive; test 20 texts, 10 positive\n",
		"chosen on valid", "\nFew labels, drawn by chance\n", "Unit 5, which was asked for: positive where ",
		"Of 2 halves", "Words in place of units: train 100.00 %, valid 100.00 %, test 100.00 %", "wrote "+filepath.Join(out, "index.html"))
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(page), "<svg ", "Unit 5 by class", "<h2>Few labels</h2>")
	for _, unwanted := range []string{"<script", "http:", "https:", "%!"} {
		if strings.Contains(strings.ReplaceAll(string(page), "http://www.w3.org/", ""), unwanted) {
			t.Errorf("the page has %s in it", unwanted)
		}
	}
	for _, name := range []string{"report.json", "labels.svg", "path.png", "unit-5.svg", "unit-5.png"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() < 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
	asJSON := func(words ...string) (r probed) {
		t.Helper()
		status, text := probes(t, append(words, "--json", "--labels", "11", "--draws", "2")...)
		if err := json.Unmarshal([]byte(text), &r); status != 0 || err != nil {
			t.Fatal(text, err)
		}
		return r
	}
	first := asJSON(words...)
	if again := asJSON(kept); !reflect.DeepEqual(first, again) {
		t.Errorf("features that were kept have another report: %+v, %+v", first, again)
	}
	if again := asJSON(append(words, "--rows", "7", "--threads", "3")...); !reflect.DeepEqual(first, again) {
		t.Errorf("other rows and threads have another report: %+v, %+v", first, again)
	}
	if of := asJSON(kept, "--c", "0.25,0.125"); len(of.Path) != 2 || of.Path[0] != first.Path[5] || of.Path[1] != first.Path[6] || of.C != of.Path[0].C && of.C != of.Path[1].C {
		t.Errorf("--c 0.25,0.125 has %+v, and all have %+v", of.Path, first.Path)
	}
	if other := asJSON(append(words, "--state", "rnn.h_l0", "--raw")...); other.State != "rnn.h_l0" || reflect.DeepEqual(first.ByRule, other.ByRule) {
		t.Errorf("another state has the same rule: %+v", other.ByRule)
	}
}

// stopAfter cancels when a text has been written.
type stopAfter struct {
	bytes.Buffer
	text string
	stop func()
}

func (w *stopAfter) Write(b []byte) (int, error) {
	n, err := w.Buffer.Write(b)
	if strings.Contains(w.String(), w.text) {
		w.stop()
	}
	return n, err
}

// TestProbePrintsAsItGoes: what is found is printed before the rest is asked for, and stays when it is interrupted.
func TestProbePrintsAsItGoes(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8")
	train := sentences(t, "a.csv", 40)
	for _, c := range []struct{ after, not string }{
		{"with a weight", "Few labels"},
		{"Words in place of units", "Through training"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out, errout := &stopAfter{text: c.after, stop: cancel}, &bytes.Buffer{}
		status := Execute(ctx, []string{"probe", run, "--data", train, "--valid", train, "--labels", "11", "--draws", "2", "--baseline", "--steps", "all"}, out, errout)
		if text := out.String(); status != exitStopped || !strings.Contains(text, c.after) || strings.Contains(text, c.not) {
			t.Errorf("status %d, %s%s", status, text, errout)
		}
	}
}

// TestProbeAgain: a second report and second features leave nothing of the first, and other files alone. Texts that are given twice are named.
func TestProbeAgain(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8")
	train, dir := sentences(t, "a.csv", 40), t.TempDir()
	for name, text := range map[string]string{"unit-77.svg": "a user's", "steps.png": "another program's", "report.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := []string{run, "--data", train, "--resamples", "0", "--out", dir, "--features", filepath.Join(dir, "f.npy")}
	status, text := probes(t, append(words, "--labels", "11", "--draws", "2", "--valid", train, "--unit", "3")...)
	if status != 0 {
		t.Fatal(text)
	}
	wantText(t, text, "--valid is the file of --data")
	there := func(want bool, names ...string) {
		t.Helper()
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	there(true, "labels.svg", "labels.png", "unit-3.png", "path.svg", "f-valid-labels.npy", "unit-77.svg", "steps.png")
	if status, text = probes(t, append(words, "--draws", "0", "--unit", "4")...); status != 0 || strings.Contains(text, "is the file of") {
		t.Fatal(text)
	}
	wantText(t, text, "removed "+filepath.Join(dir, "f-valid-features.npy")+", ")
	there(true, "unit-4.png", "path.svg", "f-train-labels.npy", "unit-77.svg", "steps.png")
	there(false, "labels.svg", "labels.png", "f-valid-labels.npy", "f-valid-features.npy")
}

// TestFeaturesThatCannotBeWritten: those of an earlier call stay where the new ones find no place.
func TestFeaturesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, "f-test-features.npy")
	if err := os.WriteFile(left, []byte("hours of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "f-train-features.npy"), 0o700); err != nil {
		t.Fatal(err)
	}
	set := &probe.Set{X: probe.Dense{Matrix: tensor.NewMatrix(2, 3)}, Positive: []bool{true, false}}
	if _, _, err := writeFeatures(filepath.Join(dir, "f.npy"), &probed{}, probe.Sets{Train: set}); err == nil {
		t.Error("features are written in place of a directory")
	}
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
}

// TestProbeNames: an error of a text names its file, whichever that is.
func TestProbeNames(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8", "model.vocab=128")
	test := filepath.Join(t.TempDir(), "test.csv")
	if err := os.WriteFile(test, []byte("label,text\n1,good\n0,caf\u00e9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, text := probes(t, run, "--data", sentences(t, "a.csv", 20), "--test", test)
	if status == 0 {
		t.Fatal(text)
	}
	wantText(t, text, test+": text 2: byte 5 is 195, and the network has 128 symbols")
}

// TestProbeNothingHeldOut: what was fitted to is not called held out. All units are judged by the folds, and units by what they were chosen on.
func TestProbeNothingHeldOut(t *testing.T) {
	run, dir := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8"), t.TempDir()
	words := []string{run, "--data", sentences(t, "a.csv", 40), "--labels", "11", "--draws", "2", "--resamples", "0", "--steps", "all"}
	status, text := probes(t, append(words, "--out", dir)...)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if status != 0 || err != nil {
		t.Fatal(text, err)
	}
	wantText(t, text, "%, folds ", "all units, folds", ", train  its threshold")
	wantText(t, string(page), "%, folds ", "<th>all units, folds</th>", "<th>train</th></tr>")
	if strings.Contains(text+string(page), "held out") {
		t.Errorf("nothing is held out:\n%s", text)
	}
	status, text = probes(t, append(words, "--json")...)
	var r probed
	if err := json.Unmarshal([]byte(text), &r); status != 0 || err != nil {
		t.Fatal(text, err)
	}
	if r.Scores.Folds == nil || *r.Scores.Folds != *r.Steps[0].Scores.Folds || r.ByRule.Scores.Folds != nil || strings.Contains(text, "held_out") {
		t.Errorf("the folds: %s", text)
	}
}

// TestProbeWrites: --out may be a path where nothing is yet, and nothing is made there before the report is.
func TestProbeWrites(t *testing.T) {
	dir := t.TempDir()
	if err := wantWritable(filepath.Join(dir, "a", "b")); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := wantWritable(filepath.Join(dir, "a")); err == nil {
		t.Error("a directory that cannot be written")
	}
}

// TestProbeMemory: 1000 texts and copies of 600, of 256 units of 4 bytes, are 1600 KiB. Of 400 texts there are copies at a time:
// of all with folds, of half for each thread with halves, of as many as are drawn or of all for each thread with draws.
func TestProbeMemory(t *testing.T) {
	for _, c := range []struct {
		threads, resamples, draws int
		held                      bool
		want                      int
	}{
		{8, 0, 0, true, 400}, {8, 1, 0, true, 400}, {8, 6, 0, true, 1200}, {3, 6, 0, true, 600},
		{8, 0, 6, true, 1800}, {2, 0, 6, true, 600}, {8, 0, 6, false, 2400},
	} {
		o := probeFlags{threads: c.threads}
		o.asks.Labels, o.asks.Resamples, o.asks.Draws = []int{11, 300, 400}, c.resamples, c.draws
		if got := o.copied(400, c.held); got != c.want {
			t.Errorf("%+v: got %d", c, got)
		}
	}
	for memory, fits := range map[int64]bool{0: true, 1600 << 10: true, 1600<<10 - 1: false} {
		err := fitFeatures(1000, 600, 256, memory)
		if (err == nil) != fits {
			t.Errorf("%d bytes: %v", memory, err)
		}
		if !fits {
			wantText(t, err.Error(), "1000 texts, 256 units each", "1.6 MB", "--most")
		}
	}
}

func TestProbeNumpy(t *testing.T) {
	run, dir := newModel(t, nil, "model.kind=charlm", "model.cell=gru", "model.hidden=6", "model.embed=4", "batch.length=8"), t.TempDir()
	if status, text := probes(t, run, "--data", sentences(t, "a.csv", 20), "--resamples", "0", "--features", filepath.Join(dir, "x.npy"), "--steps", "all"); status != 0 {
		t.Fatal(text)
	} else {
		wantText(t, text, "rnn.h_l0 of 6 units", "chosen by five folds", "Through training",
			"wrote "+filepath.Join(dir, "x-train-features.npy")+", "+filepath.Join(dir, "x-train-labels.npy")+"\n")
	}
	b, err := os.ReadFile(filepath.Join(dir, "x-train-features.npy"))
	if err != nil || len(b) != 128+20*6*4 || !strings.HasPrefix(string(b), "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (20, 6), }") {
		t.Errorf("%q, %v", b[:min(128, len(b))], err)
	}
	labels, err := os.ReadFile(filepath.Join(dir, "x-train-labels.npy"))
	if err != nil || len(labels) != 128+20 || labels[128] != 0 || labels[129] != 1 {
		t.Errorf("%q, %v", labels, err)
	}
}

// Features that another program wrote say of no run: they are called by their file.
func TestProbeFeaturesWithoutMetadata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	values, labels := make([]float32, 40*3), make([]uint8, 40)
	for i := range labels {
		labels[i] = uint8(i % 2)
		values[3*i], values[3*i+1] = float32(i%2)-0.5, float32(i%7)
	}
	err = safetensors.Write(f, []safetensors.Tensor{{Name: "train.features", Shape: []int{40, 3}, Data: values}, {Name: "train.labels", Shape: []int{40}, Data: labels}}, nil)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	status, text := probes(t, path, "--labels", "11", "--draws", "1", "--resamples", "0")
	if status != 0 || !strings.HasPrefix(text, "mine, which names no run: features of 3 units\n") {
		t.Errorf("status %d, %s", status, text)
	}
}

func TestProbeRefusals(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.cell=lstm", "model.hidden=6", "model.embed=4", "batch.length=8")
	picture, _ := lookedAt(t)
	directory := filepath.Join(t.TempDir(), "x.npy", "y")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	good, never := sentences(t, "a.csv", 20), filepath.Join(t.TempDir(), "x.safetensors")
	file := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		want  string
		words []string
	}{
		{"needs --data FILE", []string{run}},
		{`the label is "2"; 0 or 1 is wanted`, []string{run, "--data", file("x.csv", "label,text\n2,a\n")}},
		{"its only text is labelled 1, and both labels are wanted", []string{run, "--data", file("x.csv", "label,text\n1,a\n")}},
		{"its only text is labelled 0, and both labels are wanted", []string{run, "--data", good, "--test", file("y.csv", "label,text\n0,a\n")}},
		{"all 2 texts are labelled 1, and both labels are wanted\n", []string{run, "--data", file("x.csv", "label,text\n1,a\n1,b\n")}},
		{"all 2 texts are labelled 1, and both labels are wanted; where a file is sorted", []string{run, "--data", file("x.csv", "label,text\n1,a\n1,b\n0,c\n"), "--most", "2"}},
		{"no text in it", []string{run, "--data", file("empty.tsv", "")}},
		{"no such file", []string{run, "--data", "nowhere.csv"}},
		{"which writes no text", []string{picture, "--data", good}},
		{"--unit 6: rnn.c_l0 of step 7 has 6 units, from 0 on", []string{run, "--data", good, "--unit", "6", "--features", never}},
		{"no such file", []string{run, "--data", good, "--features", filepath.Join(never, "none", "x.npy")}},
		{"x.npy: features in .npy are for NumPy", []string{file("x.npy", "")}},
		{`--state: the network has no state "rnn.c_l7"`, []string{run, "--data", good, "--state", "rnn.c_l7"}},
		{".safetensors or .npy", []string{run, "--data", good, "--features", "x.txt"}},
		{"a path of this machine is wanted", []string{run, "--data", good, "--features", "s3://bucket/x.safetensors"}},
		{`--c : "" is not a number`, []string{run, "--data", good, "--c", ""}},
		{"--c 0: above 0, and at most 1e6", []string{run, "--data", good, "--c", "1,0"}},
		{"--c NaN: above 0, and at most 1e6", []string{run, "--data", good, "--c", "NaN"}},
		{"--labels 1: at least 2", []string{run, "--data", good, "--labels", "1"}},
		{"a.csv has 20 texts to draw from, and fewer are drawn", []string{run, "--data", good, "--labels", "11,20", "--features", never}},
		{"--unit -1: units count from 0", []string{run, "--data", good, "--unit", "-1"}},
		{"--raw and --ascii", []string{run, "--data", good, "--raw", "--ascii"}},
		{"--ascii is of checkpoints", []string{"x.safetensors", "--ascii"}},
		{"--out: " + good + " is no directory", []string{run, "--data", good, "--out", good, "--features", never}},
		{"--out: ", []string{run, "--data", good, "--out", filepath.Join(good, "report"), "--features", never}},
		{"is a directory", []string{run, "--data", good, "--features", filepath.Dir(directory)}},
		{"--rows 0: from 1 to 4096", []string{run, "--data", good, "--rows", "0"}},
		{"--data is of checkpoints", []string{"x.safetensors", "--data", good}},
		{"--label is of checkpoints", []string{"x.safetensors", "--label", "1"}},
		{"--raw is of checkpoints", []string{"x.safetensors", "--raw"}},
		{"--words is of checkpoints", []string{"x.safetensors", "--words", "20000"}},
		{"x.safetensors", []string{file("x.safetensors", "nothing")}},
		{`--steps some: "some" is no step; give all, or steps with commas between`, []string{run, "--data", good, "--steps", "some"}},
		{`--steps ,: "" is no step; give all, or steps with commas between`, []string{run, "--data", good, "--steps", ",", "--features", never}},
		{"step-000000003", []string{run, "--data", good, "--steps", "3"}},
		{"few.csv: 1 negative and 1 positive texts are too few for 5 folds", []string{run, "--data", file("few.csv", "label,text\n1,a\n0,b\n"), "--features", never}},
	} {
		status, text := probes(t, c.words...)
		if status == 0 || !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 1 {
			t.Errorf("%v: status %d, %swant %s", c.words, status, text, c.want)
		}
	}
	if _, err := os.Stat(never); err == nil {
		t.Error("all texts were read before a refusal")
	}
}

// addStep saves the newest checkpoint of a run again as one of another step, its weights changed, and returns the path of those.
func addStep(t *testing.T, run string, step uint64, change func(*nn.Params)) string {
	t.Helper()
	m, path, err := findCheckpoint(run)
	if err != nil {
		t.Fatal(err)
	}
	model, err := worker.LoadModel(path, m)
	if err != nil {
		t.Fatal(err)
	}
	change(model.Params())
	fs, again := checkpoint.OS{}, *m
	again.Step = step
	info, err := checkpoint.WriteFile(fs, run, step, checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Weights), Tensors: model.Params().Tensors()})
	if err != nil {
		t.Fatal(err)
	}
	again.Files = []checkpoint.FileInfo{info}
	if err := checkpoint.Commit(fs, run, &again); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(run, checkpoint.DirName(step), info.Name)
}

// TestProbeStepsDamaged: checkpoints on the way that are damaged are named and left out, and the report is of the others.
func TestProbeStepsDamaged(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8")
	same := func(*nn.Params) {}
	short, flipped := addStep(t, run, 2, same), addStep(t, run, 3, same)
	addStep(t, run, 4, func(ps *nn.Params) { ps.Values[0] = float32(math.NaN()) })
	addStep(t, run, 5, same)
	b, err := os.ReadFile(flipped)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1], b[len(b)-9] = ^b[len(b)-1], ^b[len(b)-9]
	if err := errors.Join(os.WriteFile(flipped, b, 0o600), os.Truncate(short, int64(len(b)-20))); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "report")
	status, text := probes(t, run, "--data", sentences(t, "a.csv", 40), "--labels", "11", "--draws", "2", "--resamples", "0", "--steps", "all", "--out", out)
	if status != exitFailed {
		t.Errorf("status %d", status)
	}
	wantText(t, text, "--steps: step 2 is left out: ", short, "--steps: step 3 is left out: ", flipped, "--steps: step 4 is left out: ",
		"encoder.weight holds a value that is not a number", "wrote "+filepath.Join(out, "index.html"), "3 checkpoints were left out")
	var r probed
	report, err := os.ReadFile(filepath.Join(out, "report.json"))
	if err = errors.Join(err, json.Unmarshal(report, &r)); err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 2 || r.Steps[0].Step != 5 || r.Steps[1].Step != 7 {
		t.Errorf("steps %+v", r.Steps)
	}
	bars := 0
	for _, s := range r.labelChart().Series {
		if !s.Faint {
			continue
		}
		if bars++; len(s.X) != 2 || s.X[0] != s.X[1] || s.Y[0] > s.Y[1] {
			t.Errorf("a bar from %v to %v", s.X, s.Y)
		}
	}
	if bars != len(r.Labels) || bars == 0 {
		t.Errorf("%d bars for %d numbers of labels", bars, len(r.Labels))
	}
}

// TestWriterNotFinite: weights that are not numbers are named, and nothing is written or printed with them.
func TestWriterNotFinite(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8")
	addStep(t, run, 9, func(ps *nn.Params) { ps.Values[ps.Size()-1] = float32(math.NaN()) })
	text := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, []byte("a \"b\" c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"sample", run}, {"look", "cells", run, text, "--target", "quotes", "--json"}, {"look", "text", run, text, "--at", "3"},
		{"look", "moves", run, text, "--cell", "1"}, {"probe", run, "--data", sentences(t, "a.csv", 20)},
	} {
		var out, errout bytes.Buffer
		status := Execute(t.Context(), words, &out, &errout)
		if status != exitFailed || out.Len() > 0 {
			t.Errorf("%v: status %d, %q", words, status, out.String())
		}
		wantText(t, errout.String(), checkpoint.DirName(9), "decoder.bias holds a value that is not a number")
	}
}
