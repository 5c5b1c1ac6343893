package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// wordSet cuts sentences, and returns the training set and its words.
func wordSet(t *testing.T, lines string) (set string, names []string) {
	t.Helper()
	dir := t.TempDir()
	table, valid := filepath.Join(dir, "train.tsv"), filepath.Join(dir, "valid.tsv")
	for path, text := range map[string]string{table: lines, valid: "another cat\t1\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := cutting.TableOptions{Options: cutting.Options{Out: filepath.Join(dir, "set"), HeldOut: []string{valid}}, Text: "1", Class: "2", Vocabulary: 100}
	if _, err := cutting.Table(o, []string{table}); err != nil {
		t.Fatal(err)
	}
	set = filepath.Join(dir, "set", "train")
	s, err := samples.Open(set)
	if err != nil {
		t.Fatal(err)
	}
	return set, s.Schema().Parts[s.Schema().Part("words")].Classes
}

// rowsOf reads the only tensor of a file.
func rowsOf(t *testing.T, path, name string) (shape []int, data []float32) {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.Read(name)
	if err != nil || len(f.Names()) != 1 {
		t.Fatalf("%v, tensors %v", err, f.Names())
	}
	return all.Shape, all.Data.([]float32)
}

const someSentences = "the cat purrs\t1\nthe star shines\t0\na cat\t1\na star\t0\nthe cat and the star\t1\n"

// TestWeightsWords writes vectors that a run begins from and leaves as they are, the same ones on any number of threads.
func TestWeightsWords(t *testing.T) {
	set, names := wordSet(t, someSentences)
	out := filepath.Join(t.TempDir(), "pca.safetensors")
	status, said := weightsCommand(t, "words", set, out, "--width", "3", "--threads", "1")
	if status != 0 {
		t.Fatal(said)
	}
	wantText(t, said, "embedding.weight [8 3], ", " % of the variance of 5 texts")
	shape, data := rowsOf(t, out, "embedding.weight")
	if !slices.Equal(shape, []int{len(names), 3}) || data[0] != 0 || data[3*slices.Index(names, "purrs")] == 0 {
		t.Errorf("%v of %v: %v", shape, names, data)
	}
	if status, said := weightsCommand(t, "words", set, out, "--width", "3", "--threads", "3", "--name", "encoder.weight"); status != 0 {
		t.Fatal(said)
	}
	if _, again := rowsOf(t, out, "encoder.weight"); !slices.Equal(again, data) {
		t.Errorf("three threads give %v, one %v", again, data)
	}
}

// TestWeightsWordsMoved gives words the rows of a run with another vocabulary.
func TestWeightsWordsMoved(t *testing.T) {
	parts := []samples.Part{
		{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{"<unknown>", "star", "dog", "cat"}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"0", "1"}},
	}
	run := newModel(t, parts, "model.kind=text-classifier", "model.symbols=words", "model.vocab=5", "model.embed=2", "model.classes=2", "batch.length=6")
	set, names := wordSet(t, someSentences)
	out, all := filepath.Join(t.TempDir(), "moved.safetensors"), filepath.Join(t.TempDir(), "all.safetensors")
	if status, said := weightsCommand(t, "convert", run, all, "--skip", "dense.,output."); status != 0 {
		t.Fatal(said)
	}
	_, there := rowsOf(t, all, "embedding.weight")
	status, said := weightsCommand(t, "words", set, out, "--from", run)
	if status != 0 {
		t.Fatal(said)
	}
	wantText(t, said, "embedding.weight [8 2], 3 of 8 words are in ")
	shape, data := rowsOf(t, out, "embedding.weight")
	if !slices.Equal(shape, []int{8, 2}) {
		t.Fatalf("shape %v", shape)
	}
	for w, name := range names {
		row := map[string]int{"star": 1, "cat": 3}[name] // others are unknown there
		if got, want := data[2*w:2*w+2], there[2*row:2*row+2]; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	status, said = weightsCommand(t, "words", set, out, "--from", run, "--of", "output.weight")
	if wantText(t, said, "output.weight is [2 64], and not a row for each of 4 words"); status == 0 {
		t.Error("a matrix of other rows is taken")
	}
	bytes := newModel(t, nil, "model.kind=text-classifier", "model.embed=2", "batch.length=6")
	status, said = weightsCommand(t, "words", set, out, "--from", bytes)
	if wantText(t, said, "it read no numbered words"); status == 0 {
		t.Error("a run on bytes is taken")
	}
}

// TestWeightsWordsRefused: what cannot be is said with the flag, and nothing is written.
func TestWeightsWordsRefused(t *testing.T) {
	set, _ := wordSet(t, someSentences)
	pictures, out := pictureSet(t), filepath.Join(t.TempDir(), "out.safetensors")
	for want, words := range map[string][]string{
		"5 texts of 8 words have from 1 to 4 directions": {set, out},
		"--width 0: from 1 to 1024":                      {set, out, "--width", "0"},
		"--width: rows of --from":                        {set, out, "--width", "3", "--from", "run"},
		"name it by --from":                              {set, out, "--of", "x"},
		"--name: a tensor needs one":                     {set, out, "--name", ""},
		"safetensors is what is written":                 {set, "out.pth"},
		"cut it with --vocabulary":                       {pictures, out},
		"no checkpoint":                                  {set, out, "--from", t.TempDir()},
		"nowhere":                                        {filepath.Join(t.TempDir(), "nowhere"), out},
	} {
		status, said := weightsCommand(t, append([]string{"words"}, words...)...)
		if status == 0 || !strings.Contains(said, want) {
			t.Errorf("%v: exit %d: %s; want %q", words, status, said, want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v: something is written", words)
		}
	}
}
