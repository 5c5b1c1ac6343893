package cmd

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects/objectstest"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// predictsLogits runs `rondo predict` with --json, a line an input, and for the outputs of the model alone.
func predictsLogits(t *testing.T, dir string, inputs ...string) (lines []said, shape []int, logits []float32) {
	t.Helper()
	words := append([]string{dir}, inputs...)
	status, text := predicts(t, append(words, "--json")...)
	if status != 0 {
		t.Fatalf("%d %s", status, text)
	}
	for line := range strings.Lines(text) {
		var s said
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, s)
	}
	path := filepath.Join(t.TempDir(), "logits.safetensors")
	if status, text := predicts(t, append(words, "--out", path)...); status != 0 {
		t.Fatalf("%d %s", status, text)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, _ := f.Info("logits")
	logits = make([]float32, info.Count())
	if err := f.ReadFloat32("logits", logits); err != nil {
		t.Fatal(err)
	}
	return lines, info.Shape, logits
}

// wavFile writes a sound of 16 bits at a rate, the same on each channel.
func wavFile(t *testing.T, name string, rate, channels int, sound []int16) string {
	t.Helper()
	le := binary.LittleEndian
	b := []byte("RIFF____WAVEfmt \x10\x00\x00\x00\x01\x00")
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(2*channels*rate))
	b = le.AppendUint16(b, uint16(2*channels))
	b = append(b, "\x10\x00data"...)
	b = le.AppendUint32(b, uint32(2*channels*len(sound)))
	for _, v := range sound {
		for range channels {
			b = le.AppendUint16(b, uint16(v))
		}
	}
	le.PutUint32(b[4:], uint32(len(b)-8))
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// A WAV file is what its samples in a batch are, whatever its channels; another rate is heard at the model's.
func TestPredictSound(t *testing.T) {
	parts := []samples.Part{
		{Name: "sound", Element: samples.Int16, Shape: []int{samples.Varies}, Rate: 8000},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"hiss", "hum", "ring"}},
	}
	model := []string{"model.kind=sound-classifier", "model.classes=3", "model.samples=1000", "model.mels=8", "model.channels=4", "model.hidden=4"}
	dir := newModel(t, parts, model...)
	tone := func(n int) (sound []int16) {
		for i := range n {
			sound = append(sound, int16(i*i%251*90-11000))
		}
		return sound
	}
	short, long := tone(600), tone(1000)
	lines, shape, logits := predictsLogits(t, dir, wavFile(t, "short.wav", 8000, 1, short), wavFile(t, "stereo.wav", 8000, 2, short),
		wavFile(t, "long.wav", 8000, 1, long), wavFile(t, "fast.wav", 16000, 1, tone(1200)))
	if len(lines) != 4 || !slices.Equal(shape, []int{4, 3}) || !slices.Equal(logits[:3], logits[3:6]) || slices.Equal(logits[:3], logits[6:9]) {
		t.Fatalf("%d lines, %v %v", len(lines), shape, logits)
	}
	for i, line := range lines {
		row := logits[3*i : 3*i+3]
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(float64(v))
		}
		for k, g := range line.Classes {
			if p := math.Exp(float64(row[g.Number])) / sum; math.Abs(p-g.Probability) > 1e-9 || g.Class != parts[1].Classes[g.Number] ||
				k > 0 && g.Probability > line.Classes[k-1].Probability {
				t.Errorf("%s: %+v, want %v", line.Input, line.Classes, p)
			}
		}
		if len(line.Classes) != 3 || !strings.HasSuffix(line.Input, ".wav") {
			t.Errorf("%+v", line)
		}
	}
	batch := filepath.Join(t.TempDir(), "b.safetensors")
	writeTensors(t, batch, safetensors.Tensor{Name: "sound", Shape: []int{2, 1000}, Data: append(append(slices.Clone(short), make([]int16, 400)...), long...)},
		safetensors.Tensor{Name: "sound.length", Shape: []int{2}, Data: []int32{600, 1000}})
	if _, _, other := predictsLogits(t, dir, batch); !slices.Equal(other, slices.Concat(logits[:3], logits[6:9])) {
		t.Errorf("a batch: %v, the files %v", other, logits)
	}
	silent := newModel(t, nil, model...)
	if status, text := predicts(t, silent, wavFile(t, "a.wav", 8000, 1, short)); status != 1 || !strings.Contains(text, "does not say at which rate its sounds are") {
		t.Errorf("without a rate: %d %s", status, text)
	}
	if status, text := predicts(t, dir, greyPNG(t, 3, 3)); status != 1 || !strings.Contains(text, "cell.png: ") {
		t.Errorf("a picture: %d %s", status, text)
	}
}

// Of a folder the files are asked about that are named as what the model reads, as if each had been given.
func TestPredictFolder(t *testing.T) {
	dir, folder := newModel(t, nil, "model.kind=lenet5"), t.TempDir()
	for i, name := range []string{"b/second.png", "a/first.PNG", "a/notes.txt", "a/.hidden.png"} {
		b, err := os.ReadFile(greyPNG(t, 28, 28+i))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	first, second := filepath.Join(folder, "a/first.PNG"), filepath.Join(folder, "b/second.png")
	lines, _, logits := predictsLogits(t, dir, folder)
	_, _, named := predictsLogits(t, dir, first, second)
	if len(lines) != 2 || lines[0].Input != first || lines[1].Input != second || !slices.Equal(logits, named) {
		t.Errorf("%+v %v, want %v", lines, logits, named)
	}
}

// A set in an object store is that of a directory, also for a model that would take an address for a text.
func TestPredictSetOfAStore(t *testing.T) {
	server, set := objectstest.New(t), pictureSet(t)
	server.CopyDir(t, set, "pictures/valid")
	dir := newModel(t, nil, "model.kind=lenet5", "model.classes=2")
	_, shape, here := predictsLogits(t, dir, set)
	if _, _, there := predictsLogits(t, dir, server.Address("pictures/valid")); !slices.Equal(shape, []int{20, 2}) || !slices.Equal(here, there) {
		t.Errorf("%v: %v, in the store %v", shape, here, there)
	}
	texts := newModel(t, nil, "model.kind=text-classifier")
	if status, out := predicts(t, texts, server.Address("pictures/valid")); status != 1 || !strings.Contains(out, "has no part text") {
		t.Errorf("a set of pictures for a text: %d %s", status, out)
	}
}

// Labels are told each by itself, all of them.
func TestPredictLabels(t *testing.T) {
	parts := []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}},
		{Name: "labels", Element: samples.Uint8, Shape: []int{3}, Classes: []string{"round", "bright", "torn"}},
	}
	dir := newModel(t, parts, "model.kind=lenet5", "model.classes=3", "task.kind=labels")
	lines, shape, logits := predictsLogits(t, dir, greyPNG(t, 28, 28), greyPNG(t, 60, 40))
	if len(lines) != 2 || !slices.Equal(shape, []int{2, 3}) {
		t.Fatalf("%+v %v", lines, shape)
	}
	for i, line := range lines {
		for k, g := range line.Labels {
			p := 1 / (1 + math.Exp(-float64(logits[3*i+k])))
			if g.Number != k || g.Class != parts[1].Classes[k] || math.Abs(p-g.Probability) > 1e-9 {
				t.Errorf("%+v, want %v", g, p)
			}
		}
		if len(line.Labels) != 3 || line.Classes != nil {
			t.Errorf("%+v", line)
		}
	}
	status, text := predicts(t, dir, greyPNG(t, 28, 28))
	if status != 0 || !strings.Contains(text, "cell.png: round 0.") || !strings.Contains(text, ", torn 0.") {
		t.Errorf("%d %s", status, text)
	}
}

// Numbers are told as they are.
func TestPredictRegression(t *testing.T) {
	dir := newModel(t, nil, "model.kind=lenet5", "model.classes=2", "task.kind=regression")
	picture := greyPNG(t, 28, 28)
	lines, shape, logits := predictsLogits(t, dir, picture)
	if len(lines) != 1 || !slices.Equal(shape, []int{1, 2}) || !slices.Equal(lines[0].Values, logits) {
		t.Fatalf("%+v, want %v", lines, logits)
	}
	if status, text := predicts(t, dir, picture); status != 0 || strings.Count(text, ",") != 1 || strings.Contains(text, "%") {
		t.Errorf("%d %s", status, text)
	}
}

// A transcript is the likeliest symbol of each step, told once where it stays, without blanks.
func TestPredictTranscript(t *testing.T) {
	parts := []samples.Part{
		{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
		{Name: "transcript", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{"x", "y", "z"}},
	}
	model := []string{"model.kind=tagger", "model.classes=4", "model.vocab=128", "model.embed=4", "model.hidden=6", "task.kind=transcript", "batch.length=12"}
	dir := newModel(t, parts, model...)
	texts := []string{"abracadabra", "mississippi", "a", "zzzzzzzzzz"}
	lines, _, _ := predictsLogits(t, dir, texts[0])
	if len(lines) != 1 || lines[0].Symbols == nil {
		t.Fatalf("%+v", lines)
	}
	symbols := 0
	for _, text := range texts {
		lines, shape, logits := predictsLogits(t, dir, text)
		steps := len(logits) / 4
		if shape[len(shape)-1] != 4 || steps < len(text) {
			t.Fatalf("%q: %v", text, shape)
		}
		var want []string
		before := 0
		for step := range len(text) {
			row := logits[4*step : 4*step+4]
			best := slices.Index(row, slices.Max(row))
			if best != 0 && best != before {
				want = append(want, parts[1].Classes[best-1])
			}
			before = best
		}
		symbols += len(want)
		if got := lines[0].Symbols; !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v of %v", text, got, want, logits)
		}
		if status, said := predicts(t, dir, text); status != 0 || said != text+": "+strings.Join(want, "")+"\n" {
			t.Errorf("%d %q, want %v", status, said, want)
		}
	}
	if symbols == 0 {
		t.Error("nothing but blanks: the test shows nothing")
	}
	_, shape, logits := predictsLogits(t, dir, texts...)
	out := t.TempDir()
	if status, text := predicts(t, append([]string{dir, "--out", filepath.Join(out, "x.npy")}, texts...)...); status != 0 {
		t.Fatal(text)
	}
	wantArray(t, filepath.Join(out, "x.npy"), safetensors.Tensor{Shape: shape, Data: logits})
	lengths, err := os.ReadFile(filepath.Join(out, "x-length.npy"))
	if err != nil || len(lengths) != 128+8*len(texts) || !strings.Contains(string(lengths), "'<i8', 'fortran_order': False, 'shape': (4,)") {
		t.Fatalf("%q, %v", lengths, err)
	}
	for i, text := range texts {
		if n := binary.LittleEndian.Uint64(lengths[128+8*i:]); n != uint64(len(text)) {
			t.Errorf("%q has the length %d", text, n)
		}
	}
}
