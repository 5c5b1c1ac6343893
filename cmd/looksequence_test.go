package cmd

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/look"
)

// readFrames is a checkpoint of a network that reads frames, and a set of two sequences.
func readFrames(t *testing.T) (dir, set string) {
	t.Helper()
	parts := []samples.Part{{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, 2}}, {Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"rises", "falls", "stays"}}}
	dir = newModel(t, parts, "model.kind=sequence-classifier", "model.classes=3", "model.features=2", "model.hidden=4", "model.cell=lstm", "batch.length=9", "batch.global=4", "batch.lanes=1")
	set = filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: set, Name: "set"}, samples.Schema{Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	for i, numbers := range [][]float32{{1, 0, 2, 1, 3, -1, 0, 5}, {4, 4}} {
		v := samples.Float32s(numbers)
		v.Shape = []int{len(numbers) / 2, 2}
		if err := w.Add(samples.Sample{v, samples.Class(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir, set
}

// Channels for which a picture has no room are left out with a word, whatever is asked for.
func TestSheetSaysWhatIsLeftOut(t *testing.T) {
	c := look.Course{Steps: 1, Channels: 600, Values: make([]float32, 600)}
	for _, one := range []struct {
		channels int
		up       bool
		want     string
	}{{512, false, "y, the first 512"}, {550, false, "y, the first 512"}, {1000, true, "y, the first 512"}, {3, false, "y, the first 3"}, {3, true, "y, the first 512"}} {
		if got := (sequenceLook{channels: one.channels, side: 9}).sheet("y", c, 0, 1, one.up).Title; got != one.want {
			t.Errorf("%+v: %q", one, got)
		}
	}
}

// What is drawn of a sequence is as long as it is, of one width, and ends with what matters.
func TestLookSequence(t *testing.T) {
	dir, set := readFrames(t)
	status, out := looks(t, "layers", dir)
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "rnn.l0.c", "up to 9 steps of 4 channels", "fc                           3 values")
	file := filepath.Join(t.TempDir(), "one.svg")
	draws := func(words ...string) string {
		t.Helper()
		status, out := looks(t, append([]string{"maps", dir, set, "--out", file}, words...)...)
		text, err := os.ReadFile(file)
		if status != 0 || err != nil {
			t.Fatal(out, err)
		}
		return string(text)
	}
	wantText(t, draws(), "frames: 4 frames of 2 numbers, from -1 to 5", "rnn.l0: 4 steps of 4 channels", "rnn.l0_reverse.c: 4 steps of 4 channels", "what matters for ", "grey is zero")
	wantText(t, draws("--sample", "1", "--layers", "*.output", "--answer", "2", "--channels", "5"), "frames: 1 frame of 2 numbers", "rnn.l0_reverse.output: 1 step of 8 channels, from", ", the first 5", "what matters for stays: ")
	file = filepath.Join(t.TempDir(), "one.png")
	draws("--layers", "rnn.l0")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m, _, err := image.DecodeConfig(f); err != nil || m.Width != sequenceWidth+12 {
		t.Errorf("it is %d wide, %v", m.Width, err)
	}
	for want, words := range map[string][]string{
		"--answer 3: the network has 3": {"--answer", "3"},
		"--answer -2: a number from 0":  {"--answer", "-2"},
		"no layer of that name":         {"--layers", "conv9"},
		"no receptive fields":           {"--field", "rnn.l0:1,2"},
		"--sample 2":                    {"--sample", "2"},
	} {
		status, out := looks(t, append([]string{"maps", dir, set, "--out", file}, words...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
	pictures, one := lookedAt(t)
	status, out = looks(t, "maps", pictures, one, "--answer", "1", "--out", file)
	if status == 0 {
		t.Error("--answer is taken of pictures")
	}
	wantText(t, out, "for networks that read sequences")
}
